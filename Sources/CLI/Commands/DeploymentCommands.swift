import ArgumentParser
import ControlPlane
import ControlPlaneTypes
import Engine
import JSON

/// `slipway deployments`
struct DeploymentsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deployments", abstract: "Manage the deployments of a workspace.",
        subcommands: [
            DeploymentsListCommand.self, DeploymentsGetCommand.self, DeploymentsCreateCommand.self,
            DeploymentsPatchCommand.self, DeploymentsDeleteCommand.self,
        ])
}

/// `slipway deployments list`
struct DeploymentsListCommand: ResourceCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List deployments.",
        discussion: Examples.text("slipway deployments list", "slipway deployments list --status READY --output json"))

    @Option(help: ArgumentHelp("Filter by exact name.", valueName: "name"))
    var name: String?

    @Option(help: ArgumentHelp("Filter by part of the name.", valueName: "text"))
    var nameContains: String?

    @Option(help: ArgumentHelp("Filter by status, such as READY.", valueName: "status"))
    var status: String?

    @Option(help: ArgumentHelp("Filter by type, such as dev or prod.", valueName: "type"))
    var deploymentType: String?

    @Option(help: ArgumentHelp("Filter by image version.", valueName: "version"))
    var imageVersion: String?

    @Option(help: ArgumentHelp("Filter by IDs, separated by commas; repeatable.", valueName: "uuids"))
    var deploymentIds: [String] = []

    @Option(help: ArgumentHelp("Filter by tag value IDs, separated by commas; repeatable.", valueName: "uuids"))
    var tagValueIds: [String] = []

    @Option(
        help: ArgumentHelp("Filter by whether a remote reconciler manages them.", valueName: "true|false"))
    var remoteReconciled: Bool?

    @Option(help: ArgumentHelp("Filter by URL.", valueName: "url"))
    var url: String?

    @Option(help: ArgumentHelp("Maximum number of results.", valueName: "n"))
    var limit: Int?

    @OptionGroup var options: ResourceOptions

    /// The most IDs that the API accepts in one request.
    private static let idsInOneList = 100

    func validate() throws {
        try LimitArgument.check(limit)
    }

    func perform(_ context: ResourceContext) async throws {
        let ids = Self.split(deploymentIds)
        var rows: [RawJSON] = []
        // Without IDs there is one request, for all deployments.
        for start in stride(from: 0, to: max(ids.count, 1), by: Self.idsInOneList) {
            let some = Array(ids.dropFirst(start).prefix(Self.idsInOneList))
            let rest = limit.map { $0 - rows.count }
            rows += try await context.client.documents(.deployments(filter(some)), limit: rest)
        }
        context.printer.list(rows, .deployments, noun: "deployments")
    }

    private func filter(_ ids: [String]) -> DeploymentFilter {
        var filter = DeploymentFilter()
        filter.name = name
        // Control planes without the filter by name support this one; the exact match is checked here.
        filter.nameContains = nameContains ?? name
        filter.status = status.map { DeploymentStatus(rawValue: $0.uppercased()) }
        filter.deploymentType = deploymentType
        filter.imageVersion = imageVersion
        filter.ids = ids.isEmpty ? nil : ids.map { DeploymentID($0) }
        filter.tagValueIDs = tagValueIds.isEmpty ? nil : Self.split(tagValueIds)
        filter.isRemoteReconciled = remoteReconciled
        filter.url = url
        return filter
    }

    private static func split(_ lists: [String]) -> [String] {
        lists.flatMap { $0.split(separator: ",") }.map { $0.filter { !$0.isWhitespace } }.filter { !$0.isEmpty }
    }
}

/// `--limit` of a list.
enum LimitArgument {
    static func check(_ limit: Int?) throws {
        if let limit, limit < 1 {
            throw ValidationError("invalid number for --limit: \(limit); pass 1 or more, or omit it for all")
        }
    }
}

/// `slipway deployments get`
struct DeploymentsGetCommand: ResourceCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Show a deployment.",
        discussion: Examples.text("slipway deployments get my-agent", "slipway deployments get my-agent --output json"))

    @Argument(help: "Deployment name or ID.")
    var deployment: DeploymentArgument

    @OptionGroup var options: ResourceOptions

    func perform(_ context: ResourceContext) async throws {
        let id = try await deployment.id(context.client, includingDeleted: true)
        context.printer.record(try await context.client.deploymentDocument(id))
    }
}

/// `slipway deployments create`
struct DeploymentsCreateCommand: ChangingCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Create a deployment without waiting for it.",
        discussion: "Flags override --field, which overrides --input.\n\n"
            + Examples.text(
                "slipway deployments create --name my-agent --source internal_source",
                "slipway deployments create --input deployment.json --yes"))

    @Option(help: ArgumentHelp("Deployment name.", valueName: "name"))
    var name: String?

    @Option(
        help: ArgumentHelp("Source: github, internal_source, internal_docker or external_docker.", valueName: "source"))
    var source: String?

    @Option(help: ArgumentHelp("Type: dev_free, dev, prod, dev_zero or dev_free_zero.", valueName: "type"))
    var deploymentType: String?

    @Option(help: ArgumentHelp("GitHub integration, for source github.", valueName: "uuid"))
    var integrationId: String?

    @Option(help: ArgumentHelp("Repository, for source github.", valueName: "url"))
    var repoUrl: String?

    @Option(help: ArgumentHelp("Listener, in a workspace with listeners.", valueName: "uuid"))
    var listenerId: String?

    @Option(help: ArgumentHelp("Namespace of the listener.", valueName: "name"))
    var k8sNamespace: String?

    @OptionGroup var buildOnPush: BuildOnPushOptions
    @OptionGroup var body: RevisionBodyOptions
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var options: ResourceOptions

    func perform(_ context: ResourceContext) async throws {
        let request = try request(context)
        let name = request["name"]?.text ?? ""
        try context.confirmation.require("Create the deployment \(name)?")
        let answer = try await create(request, named: name, context.client)
        let id = answer["id"]?.text ?? "unknown"
        let revision = answer["latest_revision_id"]?.text.map { "revision \($0)" } ?? "no revision yet"
        context.printer.change(answer, "created deployment \(name) (\(id)), \(revision)")
    }

    private func request(_ context: ResourceContext) throws -> RawJSON {
        let fields = [
            BodyField("name", text: name), BodyField("source", text: source),
            BodyField("source_config", "deployment_type", deploymentType),
            BodyField("source_config", "integration_id", integrationId),
            BodyField("source_config", "repo_url", repoUrl), BodyField("source_config", "listener_id", listenerId),
            BodyField("source_config", "listener_config", "k8s_namespace", text: k8sNamespace), buildOnPush.field,
        ]
        var request = try body.document(context, setting: fields)
            // The API requires all three for every source.
            .filled([
                ("source_config", .object([])), ("source_revision_config", .object([])), ("secrets", .array([])),
            ])
        if request["source"]?.text == DeploymentSource.externalDocker.rawValue,
            request["source_config"]?["resource_spec"] == nil
        {
            // The API requires it for this source; empty is enough.
            request = request.setting(.object([]), at: ["source_config", "resource_spec"])
        }
        for key in ["name", "source"] where request[key]?.text?.isEmpty ?? true {
            throw StepFailure(
                .usage, code: "FieldMissing", "missing field: \(key)", hint: "pass --\(key)")
        }
        return request
    }

    private func create(_ request: RawJSON, named name: String, _ client: ControlPlaneClient) async throws -> RawJSON {
        do {
            return try await client.createDeployment(document: request)
        } catch var error as ControlPlaneError {
            switch error.kind {
            case .conflict where error.message.contains("already exists a project"):
                error.hint =
                    "delete or rename the tracing project of that name, which an earlier deployment left behind"
            case .conflict:
                error.hint =
                    "run slipway deployments get \(name) to see the deployment with this name; a deleted deployment "
                    + "keeps its name until its cleanup ends"
            case .ambiguous:
                error.hint =
                    "run slipway deployments get \(name) to see whether it was created; older control planes also "
                    + "respond like this when the name is taken"
            default: break
            }
            throw error
        }
    }
}

/// `slipway deployments patch`
struct DeploymentsPatchCommand: ChangingCommand {
    static let configuration = CommandConfiguration(
        commandName: "patch",
        abstract: "Change a deployment without waiting for the revision that most changes create.",
        discussion: "Flags override --field, which overrides --input.\n\n"
            + Examples.text(
                "slipway deployments patch my-agent --tracked-ref main",
                "slipway deployments patch my-agent --config langgraph.json --yes"))

    @Argument(help: "Deployment name or ID.")
    var deployment: DeploymentArgument

    @Option(help: ArgumentHelp("Display name; creates no revision.", valueName: "name"))
    var displayName: String?

    @Option(help: ArgumentHelp("Ref for the deployment to track; creates no revision.", valueName: "ref"))
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
                .usage, code: "NothingToChange", "nothing to change",
                hint:
                    "pass a flag, --field or --input; see 'slipway deployments patch --help'"
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
            "changed deployment \(before.name), " + (isNew ? "new revision \(latest ?? "")" : "no new revision"))
    }
}
