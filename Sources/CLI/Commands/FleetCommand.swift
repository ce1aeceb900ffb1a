import ArgumentParser
import ControlPlane
import Engine
import Fleet
import Steps
import Synchronization

/// `slipway fleet`
struct FleetCommand: AsyncParsableCommand {
    static let name = "fleet"

    static let configuration = CommandConfiguration(
        commandName: name, abstract: "Deploy one commit to many deployments, in waves.",
        discussion: Examples.text(
            "slipway fleet plan targets.yml", "slipway fleet deploy targets.yml --junit fleet.xml"),
        subcommands: [
            FleetPlanCommand.self, FleetDeployCommand.self, FleetStatusCommand.self, FleetResumeCommand.self,
            FleetRollbackCommand.self,
        ])
}

/// `slipway fleet deploy`
struct FleetDeployCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy", abstract: "Deploy a commit to the targets of a file, wave by wave.",
        discussion: Examples.text(
            "slipway fleet deploy targets.yml --target support-eu --sha 1a2b3c4d",
            "slipway fleet deploy targets.yml --wave 3 --shard 1/4"))

    @OptionGroup var file: FleetFileOption
    @OptionGroup var selection: FleetSelectionOptions
    @OptionGroup var limit: FleetRateOption
    @OptionGroup(title: "Deploy options") var options: FleetDeployOptions

    @Flag(
        help: ArgumentHelp(
            "Exit with 0 if the next wave may start, whatever failed within max-failures: for a job of an engine that runs "
                + "a wave or a shard of it. Shards that would break the limits of the wave have no targets."))
    var gate = false

    @OptionGroup var session: SessionOptions

    func run() async throws {
        let dependencies = Dependencies.real
        var selection = selection.selection
        if gate { selection.shard?.keepsLimits = true }
        try await deploy(selection, dependencies)
    }

    private func deploy(_ selection: FleetSelection, _ dependencies: Dependencies) async throws {
        let fleet = try file.source.load(dependencies.environment, selection)
        try await session.run(dependencies, isNeeded: fleet.needsConnectionOfRun) { session in
            var rollout = try await FleetReading(
                plane: session.connection, dependencies, session.terminal, rate: limit.rate
            )
            .snapshot(fleet, selection).rollout
            try FleetSettingsFiles().check(rollout.targets)
            rollout.file = file.source.absolutePath
            if gate { rollout.hasGate = true }
            let observer = WaveGate()
            var session = session
            session.observers.append(observer)
            let verdict = try await session.run(
                LoadedWorkflow(fleet: .deploy(rollout)), inputs: options.inputs,
                flags: options.flags.with(rate: limit.rate))
            return observer.verdict(of: verdict)
        }
    }
}

/// Whether the wave after those of a run may start, as the run itself decided it.
final class WaveGate: EventObserver {
    private let isOpen = Mutex(false)

    func observe(_ event: RunEvent) {
        guard let end = event.payload as? JobFinished, end.job.text == FleetWorkflow.gate else { return }
        isOpen.withLock { $0 = end.result == .success }
    }

    /// A report that was not written stays an error.
    func verdict(of verdict: Verdict) -> Verdict {
        isOpen.withLock { $0 } && verdict != .reportNotWritten ? .success : verdict
    }
}

/// `slipway fleet resume`
struct FleetResumeCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Resume the newest interrupted run of a file of targets, or run again what failed in it.",
        discussion: Examples.text("slipway fleet resume targets.yml", "slipway fleet resume targets.yml --failed"))

    @OptionGroup var file: FleetFileOption

    @Flag(help: "Run again what failed in the newest run, and what needs it.")
    var failed = false

    @OptionGroup var limit: FleetRateOption
    @OptionGroup var session: SessionOptions

    func run() async throws {
        guard file.source.absolutePath != nil else {
            throw StepFailure(
                .usage, code: "NothingToResume", "standard input has no name by which a run could be found",
                hint: "name the run: slipway resume RUN")
        }
        let state = session.state(.real)
        let runs = FleetRuns(state: state).runs(of: file.source.absolutePath)
        guard let run = runs.first(where: { failed || $0.isUnfinished(in: state) }) else {
            throw StepFailure(
                .usage, code: "NothingToResume",
                "no \(failed ? "run" : "unfinished run") of \(file.file) found in \(state.path)",
                hint: "pass --state-dir, or start it with slipway fleet deploy \(file.file)")
        }
        try await ResumeCommand.resume(run.id.rawValue, failed: failed, session, rate: limit.rate)
    }
}

/// Reads a fleet for a command.
struct FleetReading: Sendable {
    let plane: Connection
    let dependencies: Dependencies
    let terminal: TerminalOptions
    let rate: RequestRate

    init(plane: Connection, _ dependencies: Dependencies, _ terminal: TerminalOptions, rate: RequestRate?) {
        self.rate = rate ?? .ofFleets
        self.plane = plane
        self.dependencies = dependencies
        self.terminal = terminal
    }

    func snapshot(_ fleet: Fleet, _ selection: FleetSelection) async throws -> FleetSnapshot {
        try await reading { try await FleetReader(fleet, planes: $0).read(selection) }
    }

    func reading<Answer: Sendable>(_ work: @Sendable (FleetPlanes) async throws -> Answer) async throws -> Answer {
        let transports = try dependencies.transport(telling: terminal)
        defer { transports.plain.shutDown() }
        transports.budgets.limit(to: rate)
        return try await work(
            FleetPlanes(
                client: plane.client(transports, dependencies), url: plane.address.baseURL,
                connect: StepConnections(of: plane, transports, dependencies).plane))
    }
}
