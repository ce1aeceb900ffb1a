import ControlPlane
import ControlPlaneTypes
import Engine
import WorkflowModel

/// `create-revision`: does what preflight decided: creates the deployment, makes a revision, or takes one up.
struct CreateRevisionStep: Step {
    static let signature = StepSignature(
        uses: "create-revision",
        summary:
            "Creates the deployment or makes a new revision of it, and learns beyond doubt which revision is ours.",
        inputs: [
            .init("action", isRequired: true, "none, take-up, create or revise, as preflight decided"),
            .init("deployment", "the deployment's name"),
            .init("deployment-id", "the existing deployment"),
            .init("directory", default: ".", "a folder inside the repository"),
            .init("sha", "the commit to deploy; for an image it is only recorded"),
            .init("ref", "its ref as the API has it"),
            .init("config", default: "langgraph.json", "the configuration's path in the repository"),
            .init("source", isRequired: true, "github, internal_source or external_docker"),
            .init("repo-url", "the repository for the source github"),
            .init("image", "the image, for the source external_docker"),
            .init("integration-id", "the integration for a new deployment of the source github"),
            .init("deployment-type", default: "dev", "the type of a new deployment"),
            .init("listener-id", "the listener of a new deployment of an image"),
            .init("k8s-namespace", "its namespace"),
            .init("resource-spec", "a JSON file whose keys are put into the stored resource spec"),
            .init("secrets-file", "a file with the secrets, NAME=value a line"),
            .init("secrets", default: "keep", "keep, merge or replace the stored secrets"),
            .init(
                "changes-settings", default: false,
                "whether preflight found that secrets or resources have to be set, so that taking up will not do"),
            .init("install-command", "passed on to the build"),
            .init("build-command", "passed on to the build"),
            .init("revision-id", "the revision to take up"),
            .init("previous-revision-id", "the revision that serves now"),
            .init("known-revisions", "the revisions that are there already"),
            .init("clear-at", "when those were read, and nothing was under way; without it, they are read again"),
            .init("wait-for-turn", default: true, "wait for the end of somebody else's revision that is under way"),
            .init("force", default: false, "deploy over the same commit and newer ones"),
        ],
        outputs: [
            .init("deployment-id", "the deployment", durable: true),
            .init("revision-id", "the revision that carries our commit", durable: true),
            .init("previous-revision-id", "the revision that served before", durable: true),
            .init("commit-sha", "the commit; null for an image"),
            .init("image-uri", "the image; null for a commit"),
            .init("changed", "whether this run made something"),
            .init("created", "whether this run created the deployment"),
            .init("known-revisions", "the revisions that were there before ours"),
            .init("provable-sha", "the commit if the plane says what it built; empty for an uploaded archive"),
        ], access: .changes)

    private let inputs: StepInputs
    private let request: ChangeRequest
    private let services: StepServices

    init(_ inputs: StepInputs, _ services: StepServices) throws {
        self.inputs = inputs
        request = try ChangeRequest(inputs)
        self.services = services
    }

    func run(in context: StepContext) async throws {
        try await explainingFailures {
            context.output("commit-sha", Value(request.image == nil ? request.sha : nil))
            context.output("image-uri", Value(request.image?.text))
            context.output("previous-revision-id", Value(request.previous?.rawValue))
            context.output("provable-sha", Value(request.source == .github ? request.sha : nil))
            context.output("created", .bool(request.action == .create))
            context.output("changed", .bool(request.action != .takeUp))
            let revision = try await change(context)
            context.output("revision-id", .string(revision.rawValue))
            context.note("revision \(revision) is ours")
        }
    }

    /// The revision that is ours.
    private func change(_ context: StepContext) async throws -> RevisionID {
        let client = services.client.with(deadline: context.deadline)
        let given = try RequestedSettings(inputs, services.settingsFiles, context)
        var revisions = RevisionCreation(
            client: client, context: context, request: request, services: services, given: given)
        guard request.action == .create else {
            let deployment = try request.existing()
            context.output("deployment-id", .string(deployment.rawValue))
            if let revision = request.takenUp { return revision }
            return try await revisions.make(in: deployment)
        }
        // A commit that cannot be archived must not leave an empty deployment.
        if request.source == .internalSource { revisions.archive = try await revisions.makeArchive(for: request.name) }
        let deployment = try await DeploymentCreation(
            client: client, context: context, request: request, settings: try given.settings(for: nil, context)
        ).create()
        context.output("deployment-id", .string(deployment.id.rawValue))
        context.record(services.fact(deployment, previous: nil, created: true))
        if request.source == .internalSource { return try await revisions.make(in: deployment.id) }
        return try await revisions.first(of: deployment)
    }
}
