import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import WorkflowModel

/// `verify`: checks that our revision is live, with our commit.
struct VerifyStep: Step {
    static let signature = StepSignature(
        uses: "verify",
        summary: "Checks that our revision is live and built from our commit.",
        inputs: [
            .init("plan", isRequired: true, "the output `plan` of preflight"),
            .init("revision", isRequired: true, "the output `revision` of wait"),
        ],
        outputs: [
            .init("revision", "the revision with the address of the agent"),
            .init("result", "serving, not-serving, superseded, commit-unknown (also of an image) or timeout"),
            .init("rollback-cause", "why the deploy has to be rolled back; null if it need not be"),
            .init("deployment-url", "address of the agent"),
        ], access: .reads, isMomentary: true,
        removedInputs: StepOutputs.removed(
            [
                "deployment-id", "revision-id", "previous-revision-id", "sha", "built-sha", "image", "built-image",
                "created",
            ], use: ["plan", "revision"]))

    private let plan: DeployPlan
    private let tracked: TrackedRevision
    private let services: StepServices

    init(_ inputs: StepInputs, _ services: StepServices) throws {
        plan = try inputs.required("plan", DeployPlan.self)
        tracked = try inputs.required("revision", TrackedRevision.self)
        self.services = services
    }

    private var revision: RevisionID { tracked.revision }

    func run(in context: StepContext) async throws {
        try await DeadlinePolicy(plan: plan, deployment: tracked.deployment).run(in: context) {
            try await verify(context)
        }
    }

    private func verify(_ context: StepContext) async throws {
        let check = LiveRevisionCheck(
            client: services.client, context: context, deployment: tracked.deployment, previous: tracked.previous
        ) {
            context.record(services.fact($0, previous: tracked.previous, created: tracked.created ?? false))
        }
        let live = try await check.waitUntilLive([revision])
        context.output("deployment-url", Value(live.servingURL))
        var located = tracked
        located.url = live.servingURL
        try context.output("revision", encoding: located)
        guard live.activeRevisionID == revision else { throw notLive(live.activeRevisionID, context) }
        if let sha = tracked.sha, tracked.builtSHA.map({ CommitName.isSame($0, sha) }) != true {
            put(.commitUnknown, context)
            throw StepFailure(
                .commitMismatch, code: "CommitUnknown",
                "revision \(revision) is live, but the control plane does not say from which commit it was built",
                hint: "use --source internal_source to be sure that \(sha.prefix(12)) is live")
        }
        try checkImage(context)
        put(.serving, context)
        context.note("revision \(revision) is live")
    }

    private func put(_ result: VerifyResult, _ context: StepContext) {
        context.output("rollback-cause", Value(RollbackCause(of: result, plan)?.rawValue))
        context.output("result", .string(result.rawValue))
    }

    private func checkImage(_ context: StepContext) throws(StepFailure) {
        guard let image = tracked.image.map({ ImageReference($0) }) else { return }
        guard let built = tracked.builtImage.map({ ImageReference($0) }), image.isSame(as: built) else {
            put(.commitUnknown, context)
            throw StepFailure(
                .commitMismatch, code: "ImageUnknown",
                "revision \(revision) is live, but the control plane does not say which image it runs",
                hint: "run slipway revisions get to see what the control plane knows about \(image)")
        }
    }

    private func notLive(_ active: RevisionID?, _ context: StepContext) -> StepFailure {
        if let active, active != tracked.previous {
            put(.superseded, context)
            return .superseded("revision \(revision) was deployed", by: active, in: tracked.deployment)
        }
        put(.notServing, context)
        return StepFailure(
            .failed, code: "NotServing",
            "revision \(revision) is DEPLOYED, but after \(LiveRevisionCheck.patience.brief) "
                + (active.map { "revision \($0) is still live" } ?? "no revision is live"),
            hint: "run slipway status, or open the dashboard")
    }
}
