import ArgumentParser
import ControlPlane

/// `slipway deployments get`
struct DeploymentsGetCommand: ResourceCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Show everything the API says about a deployment.")

    @Argument(help: "The deployment's name or id.")
    var deployment: DeploymentArgument

    @OptionGroup var options: ResourceOptions

    func perform(_ context: ResourceContext) async throws {
        let id = try await deployment.id(context.client, includingDeleted: true)
        context.printer.record(try await context.client.deploymentDocument(id))
    }
}
