import Engine
import Export
import Files
import FoundationEssentials

/// The folder with the exported files.
struct ExportFolder: Sendable {
    let path: String
    let writer: ReportWriter

    /// A file that is not what would be written.
    struct Difference: Equatable {
        var path: String
        var isMissing: Bool
    }

    func path(of file: ExportedFile) -> String { path.hasSuffix("/") ? path + file.name : "\(path)/\(file.name)" }

    func differences(_ files: [ExportedFile]) throws(StepFailure) -> [Difference] {
        var differences: [Difference] = []
        for file in files {
            let text = try text(of: file)
            if text != file.text { differences.append(Difference(path: path(of: file), isMissing: text == nil)) }
        }
        return differences
    }

    /// Throws `StepFailure` (64), before anything is written, for files that somebody else made, and (73) for what cannot
    /// be written.
    func write(_ files: [ExportedFile], replacesOthers: Bool) throws(StepFailure) {
        for file in files {
            guard !replacesOthers, let text = try text(of: file), !ExportedFile.isGenerated(text) else { continue }
            throw StepFailure(
                .usage, code: "FileExists", "file already exists and was not made by slipway export: \(path(of: file))",
                hint: "pass --force to replace it, or choose another folder")
        }
        let failures = writer.write(files.map { .init(path: path(of: $0), text: $0.text) })
        guard let failure = failures.first else { return }
        throw StepFailure(
            .reportNotWritten, code: "FileNotWritten", "cannot write '\(failure.path)': \(failure.reason)",
            hint: failure.hint)
    }

    /// Nil for a file that does not exist.
    private func text(of file: ExportedFile) throws(StepFailure) -> String? {
        let path = path(of: file)
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        do throws(InputFile.Problem) {
            return String(decoding: try InputFile().bytes(of: path), as: UTF8.self)
        } catch {
            throw StepFailure(
                .usage, code: "FileUnreadable", "cannot read '\(path)': \(error.description)",
                hint: "choose another folder")
        }
    }
}
