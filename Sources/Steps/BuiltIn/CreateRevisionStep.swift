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
            .init("sha", isRequired: true, "the commit to deploy"),
            .init("ref", "its ref as the API has it"),
            .init("config", default: "langgraph.json", "the configuration's path in the repository"),
            .init("source", isRequired: true, "github or internal_source"),
            .init("repo-url", "the repository for the source github"),
            .init("integration-id", "the integration for a new deployment of the source github"),
            .init("deployment-type", default: "dev", "the type of a new deployment"),
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
            .init("deployment-id", "the deployment"),
            .init("revision-id", "the revision that carries our commit"),
            .init("previous-revision-id", "the revision that served before"),
            .init("commit-sha", "the commit"),
            .init("changed", "whether this run made something"),
            .init("created", "whether this run created the deployment"),
            .init("known-revisions", "the revisions that were there before ours"),
            .init("provable-sha", "the commit if the plane says what it built; empty for an uploaded archive"),
        ], reachesControlPlane: true)

    private let request: ChangeRequest
    private let services: StepServices

    init(_ inputs: StepInputs, _ services: StepServices) throws {
        request = try ChangeRequest(inputs)
        self.services = services
    }

    func run(in context: StepContext) async throws {
        try await explainingFailures {
            context.output("commit-sha", .string(request.sha))
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
        let revisions = RevisionCreation(client: client, context: context, request: request, services: services)
        guard request.action == .create else {
            let deployment = try request.existing()
            context.output("deployment-id", .string(deployment.rawValue))
            if let revision = request.takenUp { return revision }
            return try await revisions.make(in: deployment)
        }
        let deployment = try await DeploymentCreation(client: client, context: context, request: request).create()
        context.output("deployment-id", .string(deployment.id.rawValue))
        context.record(.deploymentSeen(services.fact(deployment, previous: nil, created: true)))
        if request.source == .internalSource { return try await revisions.make(in: deployment.id) }
        return try await revisions.first(of: deployment)
    }
}
