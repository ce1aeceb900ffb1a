import ArgumentParser
import Clocks
import ControlPlane
import Engine
import Steps

/// `slipway deploy`
struct DeployCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy",
        abstract: "Deploy this commit, prove that it serves, and bring the last good one back when it does not.")

    @OptionGroup var options: DeployOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Locks") var locking: LockOptions
    @OptionGroup(title: "Reports") var reports: ReportOptions
    @OptionGroup(title: "Terminal") var terminal: TerminalOptions
    @OptionGroup(title: "Terminal") var progress: ProgressOptions

    func run() async throws {
        let dependencies = Dependencies.real
        let state = StateFolder(
            flag: connection.stateDir, environment: dependencies.environment, lockTimeout: locking.duration)
        try ReportPreflight.check(reports)
        let verdict = try await Connection.with(connection, dependencies, repository: RepositoryRoot.find) { plane in
            let session = RunSession(
                dependencies: dependencies, state: state, terminal: terminal, reports: reports, connection: plane,
                showsLogs: progress.logs)
            let inputs = options.inputs(
                environment: dependencies.environment, controlPlane: plane.address.baseURL,
                localRepository: plane.repository)
            let bounded = try JobDeadline.bounding(
                inputs, environment: dependencies.environment, now: dependencies.clock.date)
            return try await session.run(LoadedWorkflow(builtIn: try BuiltinWorkflows.deploy()), inputs: bounded)
        }
        if verdict != .success { throw ExitCode(verdict.exitCode) }
    }
}
