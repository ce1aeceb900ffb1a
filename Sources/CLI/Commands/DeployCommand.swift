import ArgumentParser
import Clocks
import ControlPlane
import Engine
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

    func run() async throws {
        let dependencies = Dependencies.real
        try await session.run(dependencies) { session in
            let inputs = options.inputs(
                environment: dependencies.environment, controlPlane: session.connection.address.baseURL,
                localRepository: session.connection.repository)
            let bounded = try JobDeadline.bounding(
                inputs, environment: dependencies.environment, now: dependencies.clock.date)
            return try await session.run(LoadedWorkflow(builtIn: try BuiltinWorkflows.deploy()), inputs: bounded)
        }
    }
}
