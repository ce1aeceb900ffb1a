import ControlPlane
package import Engine
import FoundationEssentials
import Redaction

/// The process seam: starts a program in a new session and waits until it ends.
package protocol ProcessRunning: Sendable {
    /// Hands over standard output and standard error in the order they were written, as they arrive. All that the program
    /// itself wrote has been handed over when this returns; what it left running in the background continues.
    ///
    /// When the task is cancelled, everything that the program started gets SIGTERM, and SIGKILL after a grace; nothing
    /// of it is left when this throws. Throws `ProcessFailure` when the program cannot be started and `CancellationError`.
    ///
    /// - Parameter started: called as soon as the program runs.
    func run(
        _ command: ProcessCommand, started: @escaping @Sendable (StartedProgram) -> Void,
        output: @escaping @Sendable ([UInt8]) -> Void
    ) async throws -> ProcessResult
}

/// A program to run, and all that it gets.
package struct ProcessCommand: Sendable, Equatable {
    /// A path, or a name to be looked up in PATH.
    package var program: String
    package var arguments: [String]
    /// The whole environment but for the tracking ID; nothing is inherited besides.
    package var environment: [String: String]
    package var trackingID: TrackingID
    /// Nil for the folder of the run.
    package var workingDirectory: String?

    package init(
        _ program: String, _ arguments: [String], environment: [String: String], trackingID: TrackingID,
        workingDirectory: String? = nil
    ) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.trackingID = trackingID
        self.workingDirectory = workingDirectory
    }
}

/// What became of a program.
package struct ProcessResult: Sendable {
    package var ending: ProcessEnding
    /// What it left running; nil for nothing.
    package var background: BackgroundProgram?

    package init(_ ending: ProcessEnding, background: BackgroundProgram? = nil) {
        self.ending = ending
        self.background = background
    }
}

/// What a program left running. Its output is handed over until it is closed.
package struct BackgroundProgram: Sendable {
    package var program: StartedProgram
    /// Hands over the rest of the output; to be called once the processes are gone.
    package var close: @Sendable () async -> Void
}

/// How a program ended.
package enum ProcessEnding: Sendable, Equatable, CustomStringConvertible {
    case exited(Int32)
    case signalled(Int32)

    package var description: String {
        switch self {
        case .exited(let code): "exit code \(code)"
        case .signalled(let signal): "ended by signal \(signal)"
        }
    }
}

/// Why a program could not be started.
package enum ProcessFailure: Error, Sendable, Equatable {
    case programNotFound
    /// There is something of that name, but it cannot be run.
    case programUnusable(path: String, Fault)
    case workingDirectoryMissing
    case other(String)

    package enum Fault: Sendable, Equatable {
        case isFolder
        case notExecutable
        /// What the first line of a script names, or what loads a program, is not there.
        case interpreterMissing
    }
}

/// What programs get of our own environment: all but the keys.
enum ProcessEnvironment {
    /// A step that needs one of them names it in its `env`.
    static let withheld: Set<String> = [
        "LANGGRAPH_HOST_API_KEY", "LANGSMITH_API_KEY", "LANGCHAIN_API_KEY", "LANGSMITH_API_KEY_FILE",
        "SLIPWAY_AGENT_API_KEY",
    ]

    static func variables(
        inheriting inherited: [String: String], adding own: [String: String]
    ) -> [String: String] {
        inherited.filter { !withheld.contains($0.key) && !StepKeyVariable.isWithheld($0.key) }.merging(own) { $1 }
    }
}

/// Tells a missing program from one that cannot be run.
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
