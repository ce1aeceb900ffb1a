import ArgumentParser
import Clocks
import Engine
import Steps
import WorkflowModel

/// The options of every command that runs a workflow.
struct SessionOptions: ParsableArguments {
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Locks") var locking: LockOptions
    @OptionGroup(title: "Reports") var reports: ReportOptions
    @OptionGroup(title: "Terminal") var terminal: TerminalOptions
    @OptionGroup(title: "Terminal") var progress: ProgressOptions

    func state(_ dependencies: Dependencies) -> StateFolder {
        StateFolder(flag: connection.stateDir, environment: dependencies.environment, lockTimeout: locking.duration)
    }

    /// Does `work` in a session on the control plane that is meant; throws the exit code of its verdict.
    func run(
        _ dependencies: Dependencies, isNeeded: Bool = true,
        repository: @Sendable () async -> String? = RepositoryRoot.find,
        _ work: @Sendable (RunSession) async throws -> Verdict
    ) async throws {
        try ReportPreflight.check(reports)
        let verdict = try await Connection.with(
            connection, dependencies, isNeeded: isNeeded, repository: repository
        ) { plane in
            try await work(
                RunSession(
                    dependencies: dependencies, state: state(dependencies), terminal: terminal, reports: reports,
                    connection: plane, showsLogs: progress.logs))
        }
        if verdict != .success { throw ExitCode(verdict.exitCode) }
    }
}

/// The inputs of a workflow file, and which of its jobs are meant.
struct InputOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A value for an input of the workflow; repeatable.", valueName: "name=value"))
    var input: [String] = []

    @Option(
        help: ArgumentHelp(
            "A file with a name=value on each line; empty lines and # comments are passed over.", valueName: "path"),
        completion: .file())
    var inputFile: String?

    @Option(help: ArgumentHelp("Run only this job and what it needs; repeatable.", valueName: "job"))
    var job: [String] = []

    /// Throws `StepFailure` (64) naming every problem at once.
    func values(for workflow: Workflow, _ flags: RunFlags) throws -> [String: Value] {
        try InputAssignments(pairs: input, fileLines: try fileLines(), flags: flags.inputs(of: workflow)).values(
            for: workflow)
    }

    private func fileLines() throws -> [String] {
        guard let inputFile else { return [] }
        let text: String
        do {
            text = try ReadableFile.text(at: inputFile)
        } catch {
            throw StepFailure(
                .usage, code: "InputFileUnreadable", "the file '\(inputFile)' of --input-file cannot be read: \(error)",
                hint: "name a text file that exists and that you may read")
        }
        // Editors of Windows put a byte order mark before the first line.
        let lines = text.first == "\u{FEFF}" ? text.dropFirst() : text[...]
        return lines.split(whereSeparator: \.isNewline).map(String.init).filter { line in
            !line.hasPrefix("#") && !line.allSatisfy(\.isWhitespace)
        }
    }
}

/// The inputs of a workflow as they were given on the command line.
struct InputAssignments: Sendable {
    /// `--input name=value`, in order; the last one of a name counts.
    var pairs: [String]
    /// The lines of `--input-file`, in the same form; `--input` beats them.
    var fileLines: [String] = []
    /// What other flags say; everything else beats it.
    var flags: [String: String] = [:]

    /// Every input of `workflow` with its value, in its declared type.
    ///
    /// Throws `StepFailure` (64) naming every problem at once.
    func values(for workflow: Workflow) throws -> [String: Value] {
        var malformed: [String] = []
        var texts = flags
        for pair in fileLines + pairs {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if let name = parts.first, let value = parts.dropFirst().first {
                texts[String(name)] = String(value)
            } else {
                malformed.append("'\(pair)' is not of the form name=value")
            }
        }
        let resolved = Result { () throws(InvalidInputs) in try workflow.resolve(texts) }
        switch resolved {
        case .success(let values) where malformed.isEmpty: return values
        case .success: throw Self.failure(malformed, hint: "give inputs as --input NAME=VALUE")
        case .failure(let problems): throw Self.failure(malformed + problems.messages, hint: problems.hint)
        }
    }

    private static func failure(_ problems: [String], hint: String) -> StepFailure {
        StepFailure(.usage, code: "InvalidInputs", problems.joined(separator: "; "), hint: hint)
    }
}

/// What the flags of a deploy mean for a run of a workflow file: `--timeout` bounds the whole run, the others fill the
/// inputs of the same name, and what steps of the type `deploy` leave open.
struct RunFlags: Sendable, Equatable {
    private static let timeoutName = "timeout"

    /// By the name of the input; only flags that were given.
    let values: [String: Value]

    init(_ values: [String: Value] = [:]) { self.values = values }

    var timeout: Duration? { values[Self.timeoutName].flatMap { Duration(text: $0.text) } }

    /// For the step type `deploy`.
    var presets: [String: Value] { values.filter { $0.key != Self.timeoutName } }

    /// For the workflow's own inputs.
    func inputs(of workflow: Workflow) -> [String: String] {
        let names = Set(workflow.inputs.map(\.name))
        return presets.filter { names.contains($0.key) }.mapValues(\.text)
    }
}

extension DeployOptions {
    /// Those that were given: their inputs differ from what a command line without flags gives.
    var flags: RunFlags {
        // A command line without flags always parses.
        let standard = (try? DeployOptions.parse([]))?.plainInputs ?? [:]
        return RunFlags(plainInputs.filter { standard[$0.key] != $0.value && $0.value != .null })
    }

    private var plainInputs: [String: Value] { inputs(environment: [:], controlPlane: "", localRepository: nil) }
}
