import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import WorkflowModel

/// `rollback-target`: finds the revision to go back to, by hand. Changes nothing.
struct RollbackTargetStep: Step {
    static let signature = StepSignature(
        uses: "rollback-target",
        summary: "Finds the revision to go back to: the last that was deployed before the live one, or the named one.",
        inputs: [
            .init("deployment", isRequired: true, "the deployment's name or id"),
            .init("to", "the revision to go back to"),
            .init("expected-active", "the revision that was live when a person agreed"),
            .init("force", default: false, "go on although a newer revision is under way"),
        ],
        outputs: [
            .init("deployment-id", "the deployment"),
            .init("to-revision-id", "the revision to go back to"),
            .init("previous-revision-id", "the revision that serves now"),
            .init("past-durations", "how long this deployment's last revisions took, in seconds"),
        ], access: .reads)

    private let inputs: StepInputs
    private let services: StepServices

    init(_ inputs: StepInputs, _ services: StepServices) {
        self.inputs = inputs
        self.services = services
    }

    func run(in context: StepContext) async throws {
        try await explainingFailures {
            let choice = try await RollbackCandidates.read(
                deployment: inputs.string("deployment") ?? "", revision: inputs.string("to"),
                client: services.client.with(deadline: context.deadline))
            try checkNothingChanged(choice)
            let target = try choice.target(inputs.string("to"))
            let deployment = choice.snapshot.deployment
            context.record(services.fact(choice.snapshot))
            context.output("deployment-id", .string(deployment.id.rawValue))
            context.output("previous-revision-id", Value(deployment.activeRevisionID?.rawValue))
            context.output("past-durations", .list(choice.snapshot.pastDurations.map { .number($0.seconds) }))
            context.output("to-revision-id", .string(target.id.rawValue))
            context.note(
                "going back to revision \(target.id)" + (target.commitSHA.map { ", commit \($0.prefix(12))" } ?? ""))
        }
    }

    private func checkNothingChanged(_ choice: RollbackCandidates) throws {
        let active = choice.snapshot.deployment.activeRevisionID?.rawValue
        if let expected = inputs.string("expected-active"), expected != active {
            throw StepFailure(
                .busy, code: "ChangedMeanwhile",
                "revision \(active ?? "none") serves now, no longer \(expected), which you saw",
                hint: "look again and repeat the rollback")
        }
        guard let newer = choice.underWay.first, !inputs.flag("force") else { return }
        throw StepFailure(
            .busy, code: "DeployUnderWay",
            "revision \(newer.id) is under way (\(newer.status)) and would take over again",
            hint: "wait for it or interrupt it, or roll back all the same with --force")
    }
}
