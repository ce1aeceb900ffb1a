import ArgumentParser
import ControlPlane
import ControlPlaneTypes
import Engine
import JSON

/// `slipway listeners`
struct ListenersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "listeners",
        abstract: "The listeners of a workspace: what deploys to clusters of one's own.",
        subcommands: [
            ListenersListCommand.self, ListenersGetCommand.self, ListenersCreateCommand.self,
            ListenersPatchCommand.self, ListenersDeleteCommand.self,
        ])
}

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

/// What of a listener can be set and changed, as flags; each is a field of the request.
struct ListenerFields: ParsableArguments {
    @Option(
        name: .customLong("k8s-namespace"),
        help: ArgumentHelp(
            "A namespace that may be deployed to; repeatable, and all of them at once.", valueName: "name"))
    var namespaces: [String] = []

    @Option(help: ArgumentHelp("The version of the listener.", valueName: "version"))
    var version: String?

    var fields: [BodyField] {
        let names = RawJSON.array(namespaces.map(RawJSON.text))
        return [
            namespaces.isEmpty ? nil : BodyField(["compute_config", "k8s_namespaces"], names),
            BodyField("version", text: version),
        ].compactMap(\.self)
    }
}
