import ArgumentParser
import ControlPlane

/// `slipway revisions get`
struct RevisionsGetCommand: ResourceCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Show everything the API says about a revision.")

    @Argument(help: "The deployment's name or id.")
    var deployment: DeploymentArgument

    @Argument(help: "The revision's id, or its first digits.")
    var revision: RevisionArgument

    @OptionGroup var options: ResourceOptions

    func perform(_ context: ResourceContext) async throws {
        let id = try await deployment.id(context.client)
        let revision = try await revision.id(context.client, of: id)
        context.printer.record(try await context.client.revisionDocument(revision, of: id))
    }
}
