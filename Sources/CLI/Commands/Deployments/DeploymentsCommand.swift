import ArgumentParser

/// `slipway deployments`
struct DeploymentsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deployments", abstract: "The deployments of a workspace, as the API has them.",
        subcommands: [
            DeploymentsListCommand.self, DeploymentsGetCommand.self, DeploymentsCreateCommand.self,
            DeploymentsPatchCommand.self, DeploymentsDeleteCommand.self,
        ])
}
