import ArgumentParser
import ControlPlane

/// `slipway listeners list`
struct ListenersListCommand: ResourceCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List listeners: all pages.")

    @Option(help: ArgumentHelp("No more than this many.", valueName: "n"))
    var limit: Int?

    @OptionGroup var options: ResourceOptions

    func validate() throws {
        try LimitArgument.check(limit)
    }

    func perform(_ context: ResourceContext) async throws {
        let rows = try await context.client.documents(.listeners, limit: limit)
        context.printer.list(rows, .listeners, noun: "listeners")
    }
}
