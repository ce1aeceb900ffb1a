import ArgumentParser

/// `slipway integrations`
struct IntegrationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "integrations", abstract: "The GitHub integrations that a workspace can deploy from.",
        subcommands: [IntegrationsListCommand.self, IntegrationsReposCommand.self])
}
