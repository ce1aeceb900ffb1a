import ArgumentParser
import ControlPlane
import ControlPlaneTypes

/// `slipway revisions list`
struct RevisionsListCommand: ResourceCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the revisions of a deployment, newest first: all pages.")

    @Argument(help: "The deployment's name or id.")
    var deployment: DeploymentArgument

    @Option(help: ArgumentHelp("In these statuses, by commas; repeatable.", valueName: "statuses"))
    var status: [String] = []

    @Option(
        help: ArgumentHelp("Only those that are reconciled elsewhere, or only the others.", valueName: "true|false"))
    var remoteReconciled: Bool?

    @Option(help: ArgumentHelp("No more than this many.", valueName: "n"))
    var limit: Int?

    @OptionGroup var options: ResourceOptions

    func validate() throws {
        try LimitArgument.check(limit)
    }

    func perform(_ context: ResourceContext) async throws {
        let id = try await deployment.id(context.client)
        let statuses = status.flatMap { $0.split(separator: ",") }.map { RevisionStatus(rawValue: $0.uppercased()) }
        let rows = try await context.client.documents(
            .revisions(of: id, status: statuses, isRemoteReconciled: remoteReconciled), limit: limit)
        // Only the table says which of them serves.
        let live =
            options.output == .text && !rows.isEmpty ? try await context.client.deployment(id).activeRevisionID : nil
        context.printer.list(rows, .revisions(live: live?.rawValue), noun: "revisions")
    }
}
