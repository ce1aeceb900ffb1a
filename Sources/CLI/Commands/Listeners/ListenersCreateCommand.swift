import ArgumentParser
import ControlPlane
import ControlPlaneTypes
import Engine

/// `slipway listeners create`
struct ListenersCreateCommand: ChangingCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Create a listener. Only organizations with a self-hosted enterprise plan can.")

    @Option(help: ArgumentHelp("The kind of cluster. Default: k8s.", valueName: "type"))
    var computeType: String?

    @Option(help: ArgumentHelp("Your own name for the cluster, one of a kind in the workspace.", valueName: "id"))
    var computeId: String?

    @OptionGroup var fields: ListenerFields
    @OptionGroup(title: "Body") var body: BodyOptions
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var options: ResourceOptions

    func perform(_ context: ResourceContext) async throws {
        let given = [BodyField("compute_type", text: computeType), BodyField("compute_id", text: computeId)]
        let request = try body.document(context, setting: given + fields.fields)
            .filled([("compute_type", .text("k8s")), ("compute_config", .object([]))])
        guard let name = request["compute_id"]?.text, !name.isEmpty else {
            throw StepFailure(
                .usage, code: "FieldMissing", "a listener needs an id for its cluster",
                hint: "give it with --compute-id")
        }
        try context.confirmation.require("Create a listener for \(name)?")
        let answer = try await context.client.createListener(document: request)
        context.printer.change(answer, "created listener \(answer["id"]?.text ?? "unknown") for \(name)")
    }
}
