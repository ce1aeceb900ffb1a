import ArgumentParser
import ControlPlane
import ControlPlaneTypes
import Engine

/// `slipway listeners patch`
struct ListenersPatchCommand: ChangingCommand {
    static let configuration = CommandConfiguration(
        commandName: "patch", abstract: "Change the namespaces or the version of a listener.")

    @Argument(help: "The listener's id.")
    var listener: String

    @OptionGroup var fields: ListenerFields
    @OptionGroup(title: "Body") var body: BodyOptions
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var options: ResourceOptions

    func perform(_ context: ResourceContext) async throws {
        let request = try body.document(context, setting: fields.fields)
        guard request.members?.isEmpty == false else {
            throw StepFailure(
                .usage, code: "NothingToChange", "there is nothing to change",
                hint: "name what shall change with --k8s-namespace, --version, --field or --input")
        }
        try context.confirmation.require("Change the listener \(listener)?")
        let answer = try await context.client.patchListener(listener, document: request)
        context.printer.change(answer, "changed listener \(listener)")
    }
}
