import ArgumentParser
import Clocks
import ControlPlane
import Engine
import Fleet
import FoundationEssentials
import Git
import Redaction
import Reports
import Steps

/// `slipway fleet plan`
struct FleetPlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Show waves and targets, and what a deploy would change, without changing it.",
        discussion: Examples.text(
            "slipway fleet plan targets.yml", "slipway fleet plan targets.yml --detailed-exitcode"))

    @OptionGroup var file: FleetFileOption
    @OptionGroup var selection: FleetSelectionOptions
    @OptionGroup var commit: FleetCommitOptions
    @OptionGroup var limit: FleetRateOption

    @Flag(help: "Exit with 2 if something would change, 0 if not.")
    var detailedExitcode = false

    @Flag(help: "List every target, also those that stay as they are.")
    var all = false

    @Option(help: ArgumentHelp("Output format.", valueName: "format"))
    var output: PlanCommand.Form = .text

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup(title: "Terminal output") var terminal: TerminalOptions

    func run() async throws {
        let dependencies = Dependencies.real
        let report = try await FleetStatusReading(dependencies, connection, terminal, rate: limit.rate)
            .report(file.source, selection.selection, commit, isPlan: true)
        StandardOutput.write(
            output == .json ? try report.json(isPlan: true) : report.text(isPlan: true, listsAll: all))
        if detailedExitcode, report.changesSomething { throw ExitCode(Verdict.changesPending.exitCode) }
    }
}

/// `slipway fleet status`
struct FleetStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show which targets serve the wanted commit and which are behind.",
        discussion: Examples.text(
            "slipway fleet status targets.yml", "slipway fleet status targets.yml --sha 1a2b3c4d --output json"))

    @OptionGroup var file: FleetFileOption
    @OptionGroup var selection: FleetSelectionOptions
    @OptionGroup var commit: FleetCommitOptions
    @OptionGroup var limit: FleetRateOption

    @Flag(help: "List every target, also those that serve the commit.")
    var all = false

    @Option(help: ArgumentHelp("Output format.", valueName: "format"))
    var output: PlanCommand.Form = .text

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup(title: "Terminal output") var terminal: TerminalOptions

    func run() async throws {
        let report = try await FleetStatusReading(.real, connection, terminal, rate: limit.rate)
            .report(file.source, selection.selection, commit, isPlan: false)
        StandardOutput.write(
            output == .json ? try report.json(isPlan: false) : report.text(isPlan: false, listsAll: all))
        // What could be read is printed all the same.
        if let problem = report.status.problems.first { throw problem }
    }
}

/// Reads what a fleet serves, for `plan` and `status`.
struct FleetStatusReading: Sendable {
    let dependencies: Dependencies
    let connection: ConnectionOptions
    let terminal: TerminalOptions
    let rate: RequestRate?

    init(
        _ dependencies: Dependencies, _ connection: ConnectionOptions, _ terminal: TerminalOptions, rate: RequestRate?
    ) {
        self.rate = rate
        self.dependencies = dependencies
        self.connection = connection
        self.terminal = terminal
    }

    func report(
        _ source: FleetSource, _ selection: FleetSelection, _ commit: FleetCommitOptions, isPlan: Bool
    ) async throws -> FleetStatusReport {
        let fleet = try source.load(dependencies.environment, selection)
        let wanted = try await wantedCommit(commit)
        let state = StatePaths(flag: connection.state.stateDir, environment: dependencies.environment)
        let uploads = UploadIndex(path: state.uploads).entries()
        let clean = TextSanitizer(escapesCICommands: terminal.isCI(dependencies.environment))
        return try await Connection.with(
            connection, dependencies, isNeeded: fleet.needsConnectionOfRun, isReadOnly: true
        ) { plane in
            try await FleetReading(plane: plane, dependencies, terminal, rate: rate).reading { planes in
                let snapshot = try await FleetReader(fleet, planes: planes).read(selection, isPartial: !isPlan)
                if isPlan { try FleetSettingsFiles().check(snapshot.rollout.targets) }
                let status = try await FleetStatusReader(planes: planes, uploads: uploads)
                    .status(snapshot, commit: wanted)
                if isPlan, let problem = status.problems.first { throw problem }
                return FleetStatusReport(name: fleet.name, wanted: wanted, status: status, clean: clean)
            }
        }
    }

    /// Nil outside a repository.
    private func wantedCommit(_ options: FleetCommitOptions) async throws -> String? {
        let repository: Repository
        do {
            repository = try await Repository.open(containing: FileManager.default.currentDirectoryPath)
        } catch {
            guard options.ref == nil else { throw error }
            return options.sha?.lowercased()
        }
        var ref: ResolvedCommit?
        if let name = options.ref { ref = try await repository.lookUp(name) }
        var sha: CommitID?
        if let text = options.sha { sha = try await repository.resolve(text) }
        guard let head = try? await repository.head() else { return nil }
        return try CommitSelection(ref: ref, sha: sha, head: head, ci: dependencies.ciContext(terminal.ci))
            .commit.description
    }
}
