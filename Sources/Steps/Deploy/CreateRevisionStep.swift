import ControlPlane
import ControlPlaneTypes
import Engine
import WorkflowModel

/// `create-revision`: does what preflight decided: creates the deployment, makes a revision, or takes one up.
struct CreateRevisionStep: Step {
    static let signature = StepSignature(
        uses: "create-revision",
        summary:
            "Creates the deployment or makes a new revision of it, and finds out for certain which revision it created.",
        inputs: [.init("plan", isRequired: true, "the output `plan` of preflight")],
        outputs: [
            .init("revision", "what the later steps need to know about the revision"),
            .init("deployment-id", "id of the deployment", durable: true),
            .init("revision-id", "revision that carries our commit", durable: true),
            .init("previous-revision-id", "revision that was live before", durable: true),
            .init("commit-sha", "commit; null for an image"),
            .init("image-uri", "image; null for a commit"),
            .init("changed", "whether this run made a revision"),
            .init("created", "whether this run created the deployment"),
        ], access: .changes,
        removedInputs: StepOutputs.removed(
            [
                "action", "deployment", "deployment-id", "directory", "sha", "ref", "config", "source", "repo-url",
                "image", "integration-id", "deployment-type", "listener-id", "k8s-namespace", "resource-spec",
                "secrets-file", "secrets", "changes-settings", "install-command", "build-command", "revision-id",
                "previous-revision-id", "known-revisions", "clear-at", "wait-for-turn", "force",
            ], use: ["plan"]))

    private let plan: DeployPlan
    private let services: StepServices

    init(_ inputs: StepInputs, _ services: StepServices) throws {
        plan = try inputs.required("plan", DeployPlan.self)
        guard plan.action != .none else {
            throw StepFailure(
                .invalidWorkflow, code: "NothingToDeploy", "nothing to deploy: the action of the plan is 'none'",
                hint: "skip the step: if: steps.preflight.outputs.action != 'none'")
        }
        self.services = services
    }

    func run(in context: StepContext) async throws {
        try await explainingFailures {
            context.output("commit-sha", Value(plan.image == nil ? plan.sha : nil))
            context.output("image-uri", Value(plan.image))
            context.output("previous-revision-id", Value(plan.previousRevisionID))
            context.output("created", .bool(plan.action == .create))
            context.output("changed", .bool(plan.action != .takeUp))
            let revision = try await change(context)
            context.output("revision-id", .string(revision.id))
            context.output("previous-revision-id", Value(revision.previousRevisionID))
            try context.output("revision", encoding: revision)
            context.note(
                plan.action == .takeUp ? "waiting for revision \(revision.id)" : "created revision \(revision.id)")
        }
    }

    private func change(_ context: StepContext) async throws -> TrackedRevision {
        let client = services.client.with(deadline: context.deadline)
        let requested = try RequestedSettings(plan, services.settingsFiles, context)
        var revisions = RevisionCreation(
            client: client, context: context, plan: plan, services: services, requested: requested)
        guard plan.action == .create else {
            let deployment = try existing()
            context.output("deployment-id", .string(deployment.rawValue))
            if plan.action == .takeUp, let id = plan.revisionID {
                return revisions.tracked(RevisionID(id), in: deployment)
            }
            return try await revisions.make(in: deployment)
        }
        // A commit that cannot be archived must not leave an empty deployment.
        let isUpload = plan.deploymentSource == .internalSource
        if isUpload { revisions.archive = try await revisions.makeArchive(for: plan.deployment) }
        let deployment = try await DeploymentCreation(
            client: client, context: context, plan: plan, settings: try requested.settings(for: nil, context)
        ).create()
        context.output("deployment-id", .string(deployment.id.rawValue))
        context.record(services.fact(deployment, previous: nil, created: true))
        return isUpload ? try await revisions.make(in: deployment.id) : try await revisions.first(of: deployment)
    }

    private func existing() throws -> DeploymentID {
        guard let id = plan.deploymentID else {
            throw StepFailure(
                .invalidWorkflow, code: "InvalidStepInputs", "invalid input 'plan': missing 'deployment-id'",
                hint: "pass the output of preflight unchanged")
        }
        return DeploymentID(id)
    }
}
