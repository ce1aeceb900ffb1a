import ArgumentParser
import Clocks
import ControlPlane
import Engine
import Files
import Steps
import WorkflowModel

/// The options of every command that runs a workflow.
struct SessionOptions: ParsableArguments {
    @OptionGroup(title: "Reports") var reports: ReportOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup(title: "Reports") var records: RecordOptions
    @OptionGroup(title: "State") var locking: LockOptions
    @OptionGroup(title: "Terminal output") var progress: LogOptions
    @OptionGroup(title: "Terminal output") var terminal: TerminalOptions

    func state(_ dependencies: Dependencies) -> StatePaths {
        StatePaths(
            flag: connection.state.stateDir, environment: dependencies.environment, lockTimeout: locking.duration)
    }

    /// Runs `work` in a session with the selected control plane; throws the exit code of its verdict.
    ///
    /// - Parameter connecting: what selects the control plane; nil for `dependencies`.
    func run(
        _ dependencies: Dependencies, connecting: Dependencies? = nil, isNeeded: Bool = true,
        repository: @Sendable () async -> String? = RepositoryRoot.find,
        _ work: @Sendable (RunSession) async throws -> Verdict
    ) async throws {
        let settings = try dependencies.settings(connection.access)
        try ReportPreflight.check(reports)
        let verdict = try await Connection.with(
            connection, connecting ?? dependencies, isNeeded: isNeeded, repository: repository
        ) { plane in
            try await work(
                RunSession(
                    dependencies: dependencies, state: state(dependencies), terminal: terminal, reports: reports,
                    connection: plane, showsLogs: progress.logs, records: settings.record(flag: records.record).value))
        }
        if verdict != .success { throw ExitCode(verdict.exitCode) }
    }
}

/// The inputs of a workflow file, and which of its jobs to run.
struct InputOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Value of a workflow input; repeatable.", valueName: "name=value"))
    var input: [String] = []

    @Option(
        help: ArgumentHelp(
            "File with one name=value per line; blank lines and # comments are ignored.", valueName: "file"),
        completion: .file())
    var inputFile: String?

    @Option(help: ArgumentHelp("Run only this job and the jobs it needs; repeatable.", valueName: "job"))
    var job: [String] = []

    /// Throws `StepFailure` (64) with every problem.
    func values(for workflow: Workflow, _ flags: RunFlags) throws -> [String: Value] {
        try InputAssignments(pairs: input, fileLines: try fileLines(), flags: flags.inputs(of: workflow)).values(
            for: workflow)
    }

    private func fileLines() throws -> [String] {
        guard let inputFile else { return [] }
        let text: String
        do {
            text = try InputFile().read(inputFile).text
        } catch {
            throw StepFailure(
                .usage, code: "InputFileUnreadable", "cannot read the input file '\(inputFile)': \(error)",
                hint: "check the path and permissions of --input-file")
        }
        // Editors on Windows put a byte order mark before the first line.
        let lines = text.first == "\u{FEFF}" ? text.dropFirst() : text[...]
        return lines.split(whereSeparator: \.isNewline).map(String.init).filter { line in
            !line.hasPrefix("#") && !line.allSatisfy(\.isWhitespace)
        }
    }
}

/// The inputs of a workflow from the command line.
struct InputAssignments: Sendable {
    /// `--input name=value`, in order; the last one of a name wins.
    var pairs: [String]
    /// The lines of `--input-file`, in the same form; `--input` overrides them.
    var fileLines: [String] = []
    /// The values of other flags, which everything else overrides.
    var flags: [String: String] = [:]

    /// Every input of `workflow` with its value, in its declared type.
    ///
    /// Throws `StepFailure` (64) with every problem.
    func values(for workflow: Workflow) throws -> [String: Value] {
        var malformed: [String] = []
        var texts = flags
        for pair in fileLines + pairs {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if let name = parts.first, let value = parts.dropFirst().first {
                texts[String(name)] = String(value)
            } else {
                malformed.append("invalid input '\(pair)': expected name=value")
            }
        }
        let resolved = Result { () throws(InvalidInputs) in try workflow.resolve(texts) }
        switch resolved {
        case .success(let values) where malformed.isEmpty: return values
        case .success: throw Self.failure(malformed, hint: "write inputs as --input NAME=VALUE")
        case .failure(let problems): throw Self.failure(malformed + problems.messages, hint: problems.hint)
        }
    }

    private static func failure(_ problems: [String], hint: String) -> StepFailure {
        StepFailure(.usage, code: "InvalidInputs", problems.joined(separator: "; "), hint: hint)
    }
}

/// The deploy flags of a run of a workflow file: `--timeout` limits the whole run, the others set the inputs of the
/// same name and the inputs that `deploy` steps leave unset.
struct RunFlags: Sendable, Equatable {
    private static let timeoutName = "timeout"
    private static let rateName = "rate"

    /// By the name of the input; only flags that were passed.
    let values: [String: Value]

    init(_ values: [String: Value] = [:]) { self.values = values }

    var timeout: Duration? { values[Self.timeoutName].flatMap { Duration(text: $0.text) } }

    var rate: RequestRate? { values[Self.rateName].flatMap { RequestRate(text: $0.text) } }

    /// The same with this rate; nil for none.
    func with(rate: RequestRate?) -> RunFlags {
        guard let rate else { return self }
        return RunFlags(values.merging([Self.rateName: .string(rate.description)]) { $1 })
    }

    /// For the step type `deploy`.
    var presets: [String: Value] { values.filter { ![Self.timeoutName, Self.rateName].contains($0.key) } }

    /// For the workflow's own inputs.
    func inputs(of workflow: Workflow) -> [String: String] {
        let names = Set(workflow.inputs.map(\.name))
        return presets.filter { names.contains($0.key) }.mapValues(\.text)
    }
}

extension DeployOptions {
    /// The flags that were passed: their inputs differ from those of a command line without flags.
    ///
    /// Throws `StepFailure` (usage) for `--smoke-input`, whose file is read.
    func flags() throws -> RunFlags {
        let standard = try DeployOptions.parse([]).plainInputs()
        return RunFlags(try plainInputs().filter { standard[$0.key] != $0.value && $0.value != .null })
    }

    private func plainInputs() throws(StepFailure) -> [String: Value] {
        try inputs(environment: [:], controlPlane: "", localRepository: nil)
    }
}
