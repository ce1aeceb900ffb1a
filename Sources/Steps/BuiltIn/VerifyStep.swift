import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import WorkflowModel

/// `verify`: the revision that serves is ours, and so is its commit.
struct VerifyStep: Step {
    static let signature = StepSignature(
        uses: "verify",
        summary: "Checks that our revision and our commit are what serves.",
        inputs: [
            .init("deployment-id", isRequired: true, "the deployment"),
            .init("revision-id", isRequired: true, "the revision that has to serve"),
            .init("previous-revision-id", "the revision that served before"),
            .init("sha", "the commit that has to be live; empty when the plane cannot say"),
            .init("built-sha", "the commit that the plane said it built"),
            .init("image", "the image that has to be live; empty for a commit"),
            .init("built-image", "the image that the plane said it runs"),
            .init("created", default: false, "whether this run created the deployment"),
        ],
        outputs: [
            .init("result", "serving, not-serving, superseded or commit-unknown (also of an image)"),
            .init("deployment-url", "where the agent answers"),
        ], access: .reads)

    private let inputs: StepInputs
    private let services: StepServices
    private let revision: RevisionID

    init(_ inputs: StepInputs, _ services: StepServices) throws {
        self.inputs = inputs
        self.services = services
        revision = RevisionID(inputs.string("revision-id") ?? "")
    }

    func run(in context: StepContext) async throws {
        try await explainingFailures(isUnderWay: true) { try await verify(context) }
    }

    private func verify(_ context: StepContext) async throws {
        let deployment = DeploymentID(inputs.string("deployment-id") ?? "")
        let previous = inputs.string("previous-revision-id").map { RevisionID($0) }
        let check = LiveRevisionCheck(client: services.client, context: context, deployment: deployment)
        let live = try await check.wait(for: [revision])
        context.record(services.fact(live, previous: previous, created: inputs.flag("created")))
        context.output("deployment-url", Value(live.servingURL))
        guard live.activeRevisionID == revision else { throw notServing(live.activeRevisionID, previous, context) }
        if let sha = inputs.string("sha"), inputs.string("built-sha") != sha {
            context.output("result", "commit-unknown")
            throw StepFailure(
                .commitMismatch, code: "CommitUnknown",
                "revision \(revision) serves, but the control plane does not say from which commit it was built",
                hint: "it cannot be told that \(sha.prefix(12)) is live; use --source internal_source to be sure")
        }
        try checkImage(context)
        context.output("result", "serving")
        context.note("revision \(revision) serves")
    }

    private func checkImage(_ context: StepContext) throws(StepFailure) {
        guard let image = inputs.string("image").map(ImageReference.init) else { return }
        guard let built = inputs.string("built-image").map(ImageReference.init), image.isSame(as: built) else {
            context.output("result", "commit-unknown")
            throw StepFailure(
                .commitMismatch, code: "ImageUnknown",
                "revision \(revision) serves, but the control plane does not say which image it runs",
                hint: "it cannot be told that \(image) is live; see what the plane knows with slipway revisions get")
        }
    }

    private func notServing(
        _ active: RevisionID?, _ previous: RevisionID?, _ context: StepContext
    ) -> StepFailure {
        if let active, active != previous {
            context.output("result", "superseded")
            return StepFailure(
                .superseded, code: "Superseded",
                "revision \(revision) was deployed, but revision \(active) of somebody else serves now",
                hint: "see what serves with slipway status")
        }
        context.output("result", "not-serving")
        return StepFailure(
            .failed, code: "NotServing",
            "revision \(revision) is DEPLOYED, but after \(LiveRevisionCheck.patience.brief) "
                + (active.map { "revision \($0) still serves" } ?? "no revision serves"),
            hint: "see slipway status and the dashboard")
    }
}
