import FoundationEssentials

/// Tells a program that is not there from one that is there and cannot be run.
struct ProgramSearch: Sendable {
    enum Entry: Sendable {
        case folder, program, other
    }

    let command: ProcessCommand
    /// What lies at a path; nil for nothing.
    var entry: @Sendable (String) -> Entry? = Self.entry

    /// Why a command could not be started whose program the system did not find.
    var failure: ProcessFailure {
        let isPath = command.program.contains("/")
        for place in places {
            switch entry(place) {
            case nil: continue
            // Folders of a program's name are of no account on the way through PATH.
            case .folder?: if isPath { return .programUnusable(path: place, .isFolder) }
            case .other?: return .programUnusable(path: place, .notExecutable)
            case .program?: return .programUnusable(path: place, .interpreterMissing)
            }
        }
        return .programNotFound
    }

    /// A path is one of the folder that the program would run in; a name is looked up in PATH.
    private var places: [String] {
        guard command.program.contains("/") else {
            return (command.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(command.program)" }
        }
        guard !command.program.hasPrefix("/"), let folder = command.workingDirectory else { return [command.program] }
        return ["\(folder)/\(command.program.hasPrefix("./") ? String(command.program.dropFirst(2)) : command.program)"]
    }

    private static func entry(_ path: String) -> Entry? {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return nil }
        if isFolder { return .folder }
        return FileManager.default.isExecutableFile(atPath: path) ? .program : .other
    }
}
