import ArgumentParser
import ControlPlane
import ControlPlaneTypes
import Engine
import JSON

/// `slipway deployments`
struct DeploymentsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deployments", abstract: "The deployments of a workspace, as the API has them.",
        subcommands: [
            DeploymentsListCommand.self, DeploymentsGetCommand.self, DeploymentsCreateCommand.self,
            DeploymentsPatchCommand.self, DeploymentsDeleteCommand.self,
        ])
}

/// `slipway deployments list`
struct DeploymentsListCommand: ResourceCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List deployments: all pages, filtered by the control plane.")

    @Option(help: ArgumentHelp("Of exactly this name.", valueName: "name"))
    var name: String?

    @Option(help: ArgumentHelp("With this in their name.", valueName: "text"))
    var nameContains: String?

    @Option(help: ArgumentHelp("In this status, such as READY.", valueName: "status"))
    var status: String?

    @Option(help: ArgumentHelp("Of this type, such as dev or prod.", valueName: "type"))
    var deploymentType: String?

    @Option(help: ArgumentHelp("Of this image version.", valueName: "version"))
    var imageVersion: String?

    @Option(help: ArgumentHelp("With these ids, by commas; repeatable.", valueName: "uuids"))
    var deploymentIds: [String] = []

    @Option(help: ArgumentHelp("With these tag values, by commas; repeatable.", valueName: "uuids"))
    var tagValueIds: [String] = []

    @Option(
        help: ArgumentHelp("Only those that are reconciled elsewhere, or only the others.", valueName: "true|false"))
    var remoteReconciled: Bool?

    @Option(help: ArgumentHelp("Serving at this URL.", valueName: "url"))
    var url: String?

    @Option(help: ArgumentHelp("No more than this many.", valueName: "n"))
    var limit: Int?

    @OptionGroup var options: ResourceOptions

    /// The most ids that the API takes at once.
    private static let idsInOneList = 100

    func validate() throws {
        try LimitArgument.check(limit)
    }

    func perform(_ context: ResourceContext) async throws {
        let ids = Self.split(deploymentIds)
        var rows: [RawJSON] = []
        // Without ids there is one list, of all.
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
        // Planes without the filter by name know this one; what they answer is checked.
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

/// `--limit` of the lists.
enum LimitArgument {
    static func check(_ limit: Int?) throws {
        if let limit, limit < 1 {
            throw ValidationError("--limit \(limit) lists nothing: give 1 or more, or leave it out for all")
        }
    }
}

/// `slipway deployments get`
struct DeploymentsGetCommand: ResourceCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Show everything the API says about a deployment.")

    @Argument(help: "The deployment's name or id.")
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
        abstract: "Create a deployment as the API's POST /v2/deployments does; waits for nothing.",
        discussion: "Flags, --field and --input make one body; a flag beats a field, and that beats the file.")

    @Option(help: ArgumentHelp("The deployment's name.", valueName: "name"))
    var name: String?

    @Option(help: ArgumentHelp("github, internal_source, internal_docker or external_docker.", valueName: "source"))
    var source: String?

    @Option(help: ArgumentHelp("dev_free, dev, prod, dev_zero or dev_free_zero.", valueName: "type"))
    var deploymentType: String?

    @Option(help: ArgumentHelp("The GitHub integration, for the source github.", valueName: "uuid"))
    var integrationId: String?

    @Option(help: ArgumentHelp("The repository, for the source github.", valueName: "url"))
    var repoUrl: String?

    @Option(help: ArgumentHelp("The listener, where the workspace has some.", valueName: "uuid"))
    var listenerId: String?

    @Option(help: ArgumentHelp("The listener's namespace to deploy to.", valueName: "name"))
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
        let revision = answer["latest_revision_id"]?.text.map { "its first revision is \($0)" } ?? "no revision yet"
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
            // The service wants all three of every source.
            .filled([
                ("source_config", .object([])), ("source_revision_config", .object([])), ("secrets", .array([])),
            ])
        if request["source"]?.text == DeploymentSource.externalDocker.rawValue,
            request["source_config"]?["resource_spec"] == nil
        {
            // Wanted of this source, and enough when it is empty.
            request = request.setting(.object([]), at: ["source_config", "resource_spec"])
        }
        for key in ["name", "source"] where request[key]?.text?.isEmpty ?? true {
            throw StepFailure(
                .usage, code: "FieldMissing", "a deployment needs a \(key)", hint: "give it with --\(key)")
        }
        return request
    }

    private func create(_ request: RawJSON, named name: String, _ client: ControlPlaneClient) async throws -> RawJSON {
        do {
            return try await client.createDeployment(document: request)
        } catch var error as ControlPlaneError {
            switch error.kind {
            case .conflict where error.message.contains("already exists a project"):
                error.hint = "a tracing project of an earlier deployment holds the name: delete or rename that project"
            case .conflict:
                error.hint =
                    "see who holds the name with slipway deployments get \(name); a deleted deployment keeps its name "
                    + "until its clean-up ends"
            case .ambiguous:
                error.hint =
                    "see whether it was made with slipway deployments get \(name); older control planes also answer "
                    + "like this when the name is taken"
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
