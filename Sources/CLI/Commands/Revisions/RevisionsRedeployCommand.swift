import ArgumentParser
import ControlPlane
import ControlPlaneTypes

/// `slipway revisions redeploy`
struct RevisionsRedeployCommand: ResourceCommand {
    static let configuration = CommandConfiguration(
        commandName: "redeploy",
        abstract: "Deploy a revision again; waits for nothing (slipway rollback does).")

    @Argument(help: "The deployment's name or id.")
    var deployment: DeploymentArgument

    @Argument(help: "The revision's id, or its first digits.")
    var revision: RevisionArgument

    @OptionGroup var consent: ConsentOptions
    @OptionGroup var options: ResourceOptions

    var isConsentGiven: Bool { consent.yes }

    func perform(_ context: ResourceContext) async throws {
        let id = try await deployment.id(context.client)
        let revision = try await revision.id(context.client, of: id)
        try context.consent.require("Deploy revision \(revision) of \(deployment.text) again?")
        let answer = try await context.client.redeployDocument(revision, of: id)
        let latest = answer["latest_revision_id"]?.text
        context.printer.change(
            answer,
            "revision \(revision) is being deployed again"
                + (latest.map { $0 == revision.rawValue ? "" : " as \($0)" } ?? ""))
    }
}
