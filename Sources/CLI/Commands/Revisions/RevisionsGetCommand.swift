import ArgumentParser
import ControlPlane

/// `slipway revisions get`
struct RevisionsGetCommand: ResourceCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Show everything the API says about a revision.")

    @OptionGroup var named: RevisionArguments
    @OptionGroup var options: ResourceOptions

    func perform(_ context: ResourceContext) async throws {
        let (id, revision) = try await named.ids(context.client)
        context.printer.record(try await context.client.revisionDocument(revision, of: id))
    }
}
