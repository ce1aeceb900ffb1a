import ArgumentParser
import ControlPlane

/// `slipway listeners delete`
struct ListenersDeleteCommand: ChangingCommand {
    static let configuration = CommandConfiguration(commandName: "delete", abstract: "Delete a listener.")

    @Argument(help: "The listener's id.")
    var listener: String

    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var options: ResourceOptions

    var destroys: Bool { true }

    func perform(_ context: ResourceContext) async throws {
        try context.confirmation.require("Delete the listener \(listener)?", destroying: true)
        try await context.client.deleteListener(listener)
        context.printer.change(nil, "deleted listener \(listener)")
    }
}
