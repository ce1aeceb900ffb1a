import ArgumentParser
import ControlPlane
import ControlPlaneTypes
import Engine

/// `slipway revisions create`
struct RevisionsCreateCommand: ChangingCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a revision of a deployment; waits for nothing (slipway deploy does).",
        discussion: "Flags, --field and --input make one body; a flag beats a field, and that beats the file.")

    @Argument(help: "The deployment's name or id.")
    var deployment: DeploymentArgument

    @OptionGroup var body: RevisionBodyOptions
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var options: ResourceOptions

    func perform(_ context: ResourceContext) async throws {
        let request = try body.document(context)
        let id = try await deployment.id(context.client)
        try context.confirmation.require("Make a revision of \(deployment.text)?")
        let made = try await make(request, of: id, context.client)
        context.printer.change(
            made, "made revision \(made["id"]?.text ?? "unknown"), status \(made["status"]?.text ?? "unknown")")
    }

    /// Older control planes make revisions only by a patch of the deployment.
    private func make(_ request: RawJSON, of id: DeploymentID, _ client: ControlPlaneClient) async throws -> RawJSON {
        do {
            return try await client.createRevision(of: id, document: request)
        } catch let error as ControlPlaneError where error.kind == .notSupported {
            let before = try await client.deployment(id).latestRevisionID?.rawValue
            let latest = try await client.patchDeployment(id, document: request)["latest_revision_id"]?.text
            guard let latest, latest != before else {
                throw StepFailure(
                    .failed, code: "NoRevision", "the control plane took the change but made no revision of it",
                    hint: "name what the revision is made of, with --ref, --config, --image or --field")
            }
            return try await client.revisionDocument(RevisionID(latest), of: id)
        }
    }
}
