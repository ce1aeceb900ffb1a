import ArgumentParser
import ControlPlane

/// `slipway listeners get`
struct ListenersGetCommand: ResourceCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Show everything the API says about a listener.")

    @Argument(help: "The listener's id.")
    var listener: String

    @OptionGroup var options: ResourceOptions

    func perform(_ context: ResourceContext) async throws {
        context.printer.record(try await context.client.listenerDocument(listener))
    }
}
