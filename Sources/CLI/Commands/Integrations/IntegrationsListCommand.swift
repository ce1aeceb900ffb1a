import ArgumentParser
import ControlPlane

/// `slipway integrations list`
struct IntegrationsListCommand: ResourceCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the integrations.")

    @OptionGroup var options: ResourceOptions

    func perform(_ context: ResourceContext) async throws {
        context.printer.list(
            try await context.client.integrationDocuments(), .integrations, noun: "integrations")
    }
}
