import ControlPlane
import ControlPlaneTypes
import Engine
import WorkflowModel

/// `deploy`: does what preflight decided: creates the deployment, makes a revision, or takes one up.
struct DeployStep: Step {
    static let signature = StepSignature(
        uses: "deploy",
        summary: "Creates the deployment or makes a new revision of it, and learns beyond doubt which revision is ours.",
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
        ],
        outputs: [
            .init("deployment-id", "the deployment"),
            .init("revision-id", "the revision that carries our commit"),
            .init("previous-revision-id", "the revision that served before"),
            .init("deployment-url", "where the agent answers, once it has been deployed"),
            .init("commit-sha", "the commit"),
            .init("changed", "whether this run made something"),
            .init("created", "whether this run created the deployment"),
            .init("provable-sha", "the commit if the plane says what it built; empty for an uploaded archive"),
        ])

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
            let made = try await change(context)
            context.output("deployment-id", .string(made.deployment.id.rawValue))
            context.output("deployment-url", Value(made.deployment.servingURL))
            context.output("created", .bool(made.created))
            context.output("changed", .bool(made.changed))
            context.output("revision-id", .string(made.revision.rawValue))
            context.record(
                .deploymentSeen(services.fact(made.deployment, previous: request.previous, created: made.created)))
            context.note("revision \(made.revision) of deployment '\(made.deployment.name)' is ours")
        }
    }

    private struct Made {
        var deployment: Deployment
        var revision: RevisionID
        var created = false
        var changed = true
    }

    private func change(_ context: StepContext) async throws -> Made {
        let client = services.client.with(deadline: context.deadline)
        let creation = DeploymentCreation(client: client, context: context, request: request)
        let revisions = RevisionCreation(
            client: client, context: context, request: request, uploads: services.uploads,
            scratchFolder: services.scratchFolder)
        guard request.action == .create else {
            let deployment = try await client.deployment(try request.existing())
            if let revision = request.takenUp { return Made(deployment: deployment, revision: revision, changed: false) }
            return Made(deployment: deployment, revision: try await revisions.make(in: deployment.id))
        }
        let deployment = try await creation.create()
        context.output("deployment-id", .string(deployment.id.rawValue))
        if request.source == .internalSource {
            return Made(deployment: deployment, revision: try await revisions.make(in: deployment.id), created: true)
        }
        return Made(
            deployment: deployment, revision: try await revisions.first(of: deployment), created: true)
    }
}
