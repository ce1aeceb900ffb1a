import ArgumentParser
import ControlPlane
import ControlPlaneTypes
import Engine

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
