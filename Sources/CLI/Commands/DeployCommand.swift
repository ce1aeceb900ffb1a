import ArgumentParser
import Clocks
import ControlPlane
import Engine
import FoundationEssentials
import Glibc
import Steps

/// `slipway deploy`
struct DeployCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy",
        abstract: "Deploy a commit, verify that it is live, and roll back on failure.",
        discussion: Examples.text(
            "slipway deploy --deployment my-agent",
            "slipway deploy --deployment my-agent --ref main --smoke /ok --junit deploy.xml"))

    @OptionGroup var options: DeployOptions
    @OptionGroup var session: SessionOptions

    @Flag(
        help: ArgumentHelp(
            "Exit after the deploy also on a terminal, where the control plane that --control-plane local starts, and "
                + "its agent, otherwise stay up until Ctrl-C."))
    var detach = false

    func run() async throws {
        let dependencies = Dependencies.real
        try await session.run(dependencies) { session in
            let inputs = try options.inputs(
                environment: dependencies.environment, controlPlane: session.connection.address.baseURL,
                localRepository: session.connection.repository)
            let bounded = try JobDeadline.bounding(
                inputs, environment: dependencies.environment, now: dependencies.clock.date)
            var session = session
            if session.connection.isLocal { session.local = await localDeploy(session) }
            let verdict = try await session.run(
                LoadedWorkflow(builtIn: try BuiltinWorkflows.deploy()), inputs: bounded)
            if verdict == .success, session.local?.staysUp == true {
                try await LocalDeploy.stayUp(clock: dependencies.clock) { StartedPlane.hasEnded }
            }
            return verdict
        }
    }

    private func localDeploy(_ session: RunSession) async -> LocalDeploy {
        // As the deploy finds it: that of the current folder, else that of the repository.
        let folders = [FileManager.default.currentDirectoryPath, session.connection.repository ?? "."]
        let paths = folders.map { "\($0)/\(options.config)" }
        let config = paths.first { FileManager.default.fileExists(atPath: $0) } ?? options.config
        let agent = LocalAgentConfig(at: config)
        let variables = UncommittedVariables(session: session, options: options, agent: agent, config: config)
        return LocalDeploy(
            agent: agent, staysUp: staysUp(session),
            hasUV: LocalPlaneProgram.isOnPath("uv", session.dependencies.environment),
            commandWithVariables: await variables.warn())
    }

    private func staysUp(_ session: RunSession) -> Bool {
        session.connection.endsWithCommand && !detach && !options.noWait
            && isatty(STDIN_FILENO) == 1 && StandardOutput.isTerminal && StandardError.isTerminal
            && !session.terminal.isCI(session.dependencies.environment)
            && !session.dependencies.environment.isUnattended
    }
}
