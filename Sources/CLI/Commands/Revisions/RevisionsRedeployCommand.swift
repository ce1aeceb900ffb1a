import ArgumentParser
import ControlPlane
import ControlPlaneTypes

/// `slipway revisions redeploy`
struct RevisionsRedeployCommand: ChangingCommand {
    static let configuration = CommandConfiguration(
        commandName: "redeploy",
        abstract: "Deploy a revision again; waits for nothing (slipway rollback does).")

    @OptionGroup var named: RevisionArguments
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var options: ResourceOptions

    func perform(_ context: ResourceContext) async throws {
        let (id, revision) = try await named.ids(context.client)
        try context.confirmation.require("Deploy revision \(revision) of \(named.deployment.text) again?")
        let answer = try await context.client.redeployDocument(revision, of: id)
        let latest = answer["latest_revision_id"]?.text
        context.printer.change(
            answer,
            "revision \(revision) is being deployed again"
                + (latest.map { $0 == revision.rawValue ? "" : " as \($0)" } ?? ""))
    }
}
