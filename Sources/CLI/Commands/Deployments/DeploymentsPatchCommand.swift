import ArgumentParser
import ControlPlane
import ControlPlaneTypes
import Engine

/// `slipway deployments patch`
struct DeploymentsPatchCommand: ChangingCommand {
    static let configuration = CommandConfiguration(
        commandName: "patch",
        abstract: "Change a deployment as the API's PATCH does; most changes make a revision. Waits for nothing.",
        discussion: "Flags, --field and --input make one body; a flag beats a field, and that beats the file.")

    @Argument(help: "The deployment's name or id.")
    var deployment: DeploymentArgument

    @Option(help: ArgumentHelp("The name that people see; makes no revision.", valueName: "name"))
    var displayName: String?

    @Option(help: ArgumentHelp("The ref that the deployment follows from now on; makes no revision.", valueName: "ref"))
    var trackedRef: String?

    @OptionGroup var buildOnPush: BuildOnPushOptions
    @OptionGroup var body: RevisionBodyOptions
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var options: ResourceOptions

    func perform(_ context: ResourceContext) async throws {
        let fields = [
            BodyField("display_name", text: displayName), BodyField("tracked_repo_ref", text: trackedRef),
            buildOnPush.field,
        ]
        let request = try body.document(context, setting: fields)
        guard request.members?.isEmpty == false else {
            throw StepFailure(
                .usage, code: "NothingToChange", "there is nothing to change",
                hint:
                    "name what shall change with a flag, --field or --input; slipway deployments patch --help lists them"
            )
        }
        let id = try await deployment.id(context.client)
        let before = try await context.client.deployment(id)
        try context.confirmation.require("Change the deployment \(before.name)?")
        let answer = try await context.client.patchDeployment(id, document: request)
        let latest = answer["latest_revision_id"]?.text
        let isNew = latest != nil && latest != before.latestRevisionID?.rawValue
        context.printer.change(
            answer,
            "changed deployment \(before.name), " + (isNew ? "its new revision is \(latest ?? "")" : "no new revision"))
    }
}
