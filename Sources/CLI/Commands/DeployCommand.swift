import ArgumentParser
import Clocks
import ControlPlane
import Engine
import FoundationEssentials
import Glibc
import Steps
import WorkflowModel

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
        let settings = try dependencies.settings(session.connection.access)
        try await session.run(dependencies) { [access = session.connection.access] session in
            let inputs = try options.inputs(
                environment: dependencies.environment, controlPlane: session.connection.address.baseURL,
                localRepository: session.connection.repository, project: settings,
                isEnvironmentFlagged: access.environment != nil)
            let bounded = try JobDeadline.bounding(
                inputs, environment: dependencies.environment, now: dependencies.clock.date)
            var session = session
            if session.connection.isLocal { session.local = await localDeploy(session, inputs) }
            return try await session.run(LoadedWorkflow(builtIn: try BuiltinWorkflows.deploy()), inputs: bounded)
        }
    }

    private func localDeploy(_ session: RunSession, _ inputs: [String: Value]) async -> LocalDeploy {
        // As the deploy finds it: that of the current folder, else that of the repository.
        let folders = [FileManager.default.currentDirectoryPath, session.connection.repository ?? "."]
        let path = inputs["config"]?.string ?? ""
        let config =
            folders.map { "\($0)/\(path)" }.first { FileManager.default.fileExists(atPath: $0) } ?? path
        let agent = LocalAgentConfig(at: config)
        let variables = UncommittedVariables(
            session: session, options: options, deployment: inputs["deployment"]?.string, agent: agent, config: config)
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
