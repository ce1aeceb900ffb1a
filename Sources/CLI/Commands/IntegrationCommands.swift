import ArgumentParser
import ControlPlane
import ControlPlaneTypes
import Engine
import JSON

/// `slipway integrations`
struct IntegrationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "integrations", abstract: "The GitHub integrations that a workspace can deploy from.",
        subcommands: [IntegrationsListCommand.self, IntegrationsReposCommand.self])
}

/// `slipway integrations list`
struct IntegrationsListCommand: ResourceCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the integrations.")

    @OptionGroup var options: ResourceOptions

    func perform(_ context: ResourceContext) async throws {
        context.printer.list(
            try await context.client.integrationDocuments(), .integrations, noun: "integrations")
    }
}

/// `slipway integrations repos`
struct IntegrationsReposCommand: ResourceCommand {
    static let configuration = CommandConfiguration(
        commandName: "repos", abstract: "List the repositories that an integration can see.")

    @Argument(help: "The integration's id. Default: INTEGRATION_ID, or the only one there is.")
    var integration: String?

    @OptionGroup var options: ResourceOptions

    func perform(_ context: ResourceContext) async throws {
        let id = try await chosen(context)
        context.printer.list(
            try await context.client.repositoryDocuments(integration: id), .repositories, noun: "repositories")
    }

    private func chosen(_ context: ResourceContext) async throws -> String {
        if let named = integration ?? context.environment.nonEmpty("INTEGRATION_ID") { return named }
        let all = try await context.client.integrationDocuments().compactMap { $0["id"]?.text }
        if let only = all.first, all.count == 1 { return only }
        throw StepFailure(
            .usage, code: "IntegrationUnclear",
            all.isEmpty ? "the workspace has no integration" : "the workspace has \(all.count) integrations",
            hint: all.isEmpty
                ? "connect GitHub in the settings of the workspace; is --tenant-id right?"
                : "name one of slipway integrations list")
    }
}
