import ArgumentParser
import ControlPlane
import ControlPlaneTypes
import Engine
import JSON

/// `slipway listeners`
struct ListenersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "listeners",
        abstract: "Manage listeners, the agents that deploy to self-hosted clusters.",
        subcommands: [
            ListenersListCommand.self, ListenersGetCommand.self, ListenersCreateCommand.self,
            ListenersPatchCommand.self, ListenersDeleteCommand.self,
        ])
}

/// `slipway listeners list`
struct ListenersListCommand: ResourceCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List listeners.",
        discussion: Examples.text("slipway listeners list", "slipway listeners list --output json"))

    @Option(help: ArgumentHelp("Maximum number of results.", valueName: "n"))
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
        commandName: "get", abstract: "Show a listener.",
        discussion: Examples.text(
            "slipway listeners get LISTENER_ID",
            "slipway listeners get LISTENER_ID --output json"))

    @Argument(help: "Listener ID.")
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
        abstract: "Create a listener, which requires a self-hosted enterprise plan.",
        discussion: Examples.text(
            "slipway listeners create --compute-id my-cluster",
            "slipway listeners create --compute-id my-cluster --k8s-namespace agents --yes"))

    @Option(help: ArgumentHelp("Cluster type. Default: k8s.", valueName: "type"))
    var computeType: String?

    @Option(help: ArgumentHelp("Name of the cluster, unique in the workspace.", valueName: "id"))
    var computeId: String?

    @OptionGroup var fields: ListenerFields
    @OptionGroup(title: "Request body") var body: BodyOptions
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var options: ResourceOptions

    func perform(_ context: ResourceContext) async throws {
        let given = [BodyField("compute_type", text: computeType), BodyField("compute_id", text: computeId)]
        let request = try body.document(context, setting: given + fields.fields)
            .filled([("compute_type", .text("k8s")), ("compute_config", .object([]))])
        guard let name = request["compute_id"]?.text, !name.isEmpty else {
            throw StepFailure(
                .usage, code: "FieldMissing", "missing field: compute_id",
                hint: "pass --compute-id")
        }
        try context.confirmation.require("Create a listener for \(name)?")
        let answer = try await context.client.createListener(document: request)
        context.printer.change(answer, "created listener \(answer["id"]?.text ?? "unknown") for \(name)")
    }
}

/// `slipway listeners patch`
struct ListenersPatchCommand: ChangingCommand {
    static let configuration = CommandConfiguration(
        commandName: "patch", abstract: "Change the namespaces or the version of a listener.",
        discussion: Examples.text(
            "slipway listeners patch LISTENER_ID --k8s-namespace agents",
            "slipway listeners patch LISTENER_ID --version 2"))

    @Argument(help: "Listener ID.")
    var listener: String

    @OptionGroup var fields: ListenerFields
    @OptionGroup(title: "Request body") var body: BodyOptions
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var options: ResourceOptions

    func perform(_ context: ResourceContext) async throws {
        let request = try body.document(context, setting: fields.fields)
        guard request.members?.isEmpty == false else {
            throw StepFailure(
                .usage, code: "NothingToChange", "nothing to change",
                hint: "pass --k8s-namespace, --version, --field or --input")
        }
        try context.confirmation.require("Change the listener \(listener)?")
        let answer = try await context.client.patchListener(listener, document: request)
        context.printer.change(answer, "changed listener \(listener)")
    }
}

/// `slipway listeners delete`
struct ListenersDeleteCommand: ChangingCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete a listener.",
        discussion: Examples.text(
            "slipway listeners delete LISTENER_ID",
            "slipway listeners delete LISTENER_ID --yes"))

    @Argument(help: "Listener ID.")
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

/// The settings of a listener as flags; each is a field of the request.
struct ListenerFields: ParsableArguments {
    @Option(
        name: .customLong("k8s-namespace"),
        help: ArgumentHelp(
            "Namespace to deploy to; repeatable, replaces the whole list.", valueName: "name"))
    var namespaces: [String] = []

    @Option(help: ArgumentHelp("Version of the listener.", valueName: "version"))
    var version: String?

    var fields: [BodyField] {
        let names = RawJSON.array(namespaces.map(RawJSON.text))
        return [
            namespaces.isEmpty ? nil : BodyField(["compute_config", "k8s_namespaces"], names),
            BodyField("version", text: version),
        ].compactMap(\.self)
    }
}
