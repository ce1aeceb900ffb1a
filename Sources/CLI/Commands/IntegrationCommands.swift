import ArgumentParser
import ControlPlane
import ControlPlaneTypes
import Engine
import JSON

/// `slipway integrations`
struct IntegrationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "integrations", abstract: "Show the GitHub integrations of a workspace.",
        subcommands: [IntegrationsListCommand.self, IntegrationsReposCommand.self])
}

/// `slipway integrations list`
struct IntegrationsListCommand: ResourceCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the integrations.",
        discussion: Examples.text("slipway integrations list", "slipway integrations list --output json"))

    @OptionGroup var options: ResourceOptions

    func perform(_ context: ResourceContext) async throws {
        context.printer.list(
            try await context.client.integrationDocuments(), .integrations, noun: "integrations")
    }
}

/// `slipway integrations repos`
struct IntegrationsReposCommand: ResourceCommand {
    static let configuration = CommandConfiguration(
        commandName: "repos", abstract: "List the repositories of an integration.",
        discussion: Examples.text(
            "slipway integrations repos", "slipway integrations repos INTEGRATION_ID"))

    @Argument(help: "Integration ID. Default: INTEGRATION_ID, or the only one.")
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
            all.isEmpty ? "no integration found in the workspace" : "the workspace has \(all.count) integrations",
            hint: all.isEmpty
                ? "connect GitHub in the settings of the workspace, and check --tenant-id"
                : "pass the ID of one; run slipway integrations list to see them")
    }
}
