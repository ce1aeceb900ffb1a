import ArgumentParser
import ControlPlane
import Engine

/// `slipway resume`
struct ResumeCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Go on with a run that was cut off, from its journal: what was done is not done again.")

    @Argument(help: "The run. Default: the newest one that did not come to its end.")
    var runID: String?

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Locks") var locking: LockOptions
    @OptionGroup(title: "Reports") var reports: ReportOptions
    @OptionGroup(title: "Terminal") var terminal: TerminalOptions
    @OptionGroup(title: "Terminal") var progress: ProgressOptions

    func run() async throws {
        let dependencies = Dependencies.real
        let state = StateFolder(
            flag: connection.stateDir, environment: dependencies.environment, lockTimeout: locking.duration)
        let stored = try StoredRun.find(runID, in: state)
        try ReportPreflight.check(reports)
        let verdict = try await Connection.with(
            connection, dependencies, isNeeded: stored.workflow.reachesControlPlane, repository: RepositoryRoot.find
        ) { plane in
            try Self.check(stored, against: plane)
            let session = RunSession(
                dependencies: dependencies, state: state, terminal: terminal, reports: reports, connection: plane,
                showsLogs: progress.logs)
            return try await session.resume(stored)
        }
        if verdict != .success { throw ExitCode(verdict.exitCode) }
    }

    /// Going on against another control plane would look for revisions that it never had.
    private static func check(_ stored: StoredRun, against plane: Connection) throws {
        guard let began = stored.input("control-plane"), began != plane.address.baseURL else { return }
        throw StepFailure(
            .usage, code: "OtherControlPlane",
            "run \(stored.id) began against \(began), and this is \(plane.address.baseURL)",
            hint: "give --control-plane \(began)")
    }
}
