import Engine
import Files
import FoundationEssentials
import Glibc
import Reports
import WorkflowModel

/// Finds and reads the `.slipway.yml` in the root of the repository that contains a folder.
struct SettingsLoader: Sendable {
    static let environmentVariable = "SLIPWAY_ENVIRONMENT"

    let folder: String
    /// Files that were read before.
    var cache = SettingsCache()

    /// Throws `StepFailure`: 65 for a malformed file, whose problems are printed, and 64 for an unknown environment.
    func load(_ access: AccessOptions, environment: [String: String]) throws(StepFailure) -> ProjectSettings {
        let name = access.environment ?? environment.nonEmpty(Self.environmentVariable)
        let source = access.environmentSource
        let misnamed = existing(ProjectSettings.misnamedFile)
        guard let path else {
            guard let name else {
                if let misnamed { cache.warn(misnamed, isBesideAnother: false) }
                return .none
            }
            throw StepFailure(
                .usage, code: "NoSettings",
                "\(source) is '\(name)', but \(folder) is in no repository with a \(ProjectSettings.fileName)",
                hint: misnamed == nil
                    ? "go to the repository, or omit \(source)"
                    : "rename \(ProjectSettings.misnamedFile) to \(ProjectSettings.fileName)")
        }
        if let misnamed { cache.warn(misnamed, isBesideAnother: true) }
        let file = try cache.file(at: path) { () throws(StepFailure) in try read(path) }
        return try file.select(name, source: source)
    }

    /// The root of the repository that contains the folder.
    private var root: String? {
        var place = folder
        while true {
            if FileManager.default.fileExists(atPath: "\(place)/.git") { return place }
            guard place != "/", place.contains("/") else { return nil }
            place = ParentFolder.path(of: place)
        }
    }

    /// The path of the file; nil if there is none.
    var path: String? { existing(ProjectSettings.fileName) }

    private func existing(_ name: String) -> String? {
        root.map { "\($0)/\(name)" }.flatMap { FileManager.default.fileExists(atPath: $0) ? $0 : nil }
    }

    private func read(_ path: String) throws(StepFailure) -> SettingsFile {
        // A link in a checkout may point at any file of this machine, and a problem quotes the line that has it.
        guard RealPath(path).isBelow(RealPath(ParentFolder.path(of: path))) else {
            throw StepFailure(
                .invalidWorkflow, code: "InvalidSettings", "\(path) is a link that leads out of the repository",
                hint: "replace it with a file")
        }
        let checked = try Self.check(path)
        if let file = checked.file { return file }
        StandardError.write(checked.diagnostics.map(\.text).joined(separator: "\n\n") + "\n\n")
        let count = checked.diagnostics.count
        throw StepFailure(
            .invalidWorkflow, code: "InvalidSettings",
            "invalid \(ProjectSettings.fileName): \(path) (\(count) \(count == 1 ? "problem" : "problems"))",
            hint: "fix the file and check it with slipway validate \(ShellWord.quoted(path))")
    }

    /// Throws `StepFailure` for a file that cannot be read.
    static func check(_ path: String) throws(StepFailure) -> (file: SettingsFile?, diagnostics: [Diagnostic]) {
        do throws(InputFile.Problem) {
            return SettingsParser.parse(try InputFile(patienceForText: .seconds(1)).bytes(of: path), name: path)
        } catch {
            throw StepFailure(
                .usage, code: "SettingsUnreadable", "cannot read '\(path)': \(error)",
                hint: "check the permissions of the file")
        }
    }
}
