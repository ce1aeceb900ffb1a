import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import WorkflowModel

/// `rollback-target`: finds the revision to go back to in a rollback by hand. Changes nothing.
struct RollbackTargetStep: Step {
    static let signature = StepSignature(
        uses: "rollback-target",
        summary: "Finds the revision to roll back to: the last one deployed before the live one, or the given one.",
        inputs: [
            .init("deployment", isRequired: true, "name or id of the deployment"),
            .init("to", "revision to roll back to"),
            .init("expected-active", "revision that was live when the rollback was confirmed"),
            .init("force", default: false, "roll back even if a newer revision is in progress"),
            .init("smoke", "paths of the smoke test that follows, which are checked before anything is changed"),
        ] + StepConnection.inputs,
        outputs: [
            .init("target", "what the step rollback needs"),
            .init("deployment-id", "id of the deployment"),
            .init("to-revision-id", "revision to roll back to"),
            .init("previous-revision-id", "revision that is live now"),
        ], access: .reads)

    private let inputs: StepInputs
    private let services: StepServices

    init(_ inputs: StepInputs, _ services: StepServices) {
        self.inputs = inputs
        self.services = services
    }

    func run(in context: StepContext) async throws {
        try SmokePath.check(inputs.strings("smoke"))
        try await explainingFailures(in: context) {
            let (target, choice) = try await choose(context)
            let deployment = choice.snapshot.deployment
            context.record(services.fact(choice.snapshot))
            context.output("deployment-id", .string(deployment.id.rawValue))
            context.output("previous-revision-id", Value(deployment.activeRevisionID?.rawValue))
            context.output("to-revision-id", .string(target.id.rawValue))
            try context.output("target", encoding: found(target, choice))
        }
    }

    /// The same for the step `rollback` of a deployment that is named.
    func target(_ context: StepContext) async throws -> RollbackTarget {
        try await explainingFailures(in: context) {
            let (target, choice) = try await choose(context)
            context.record(services.fact(choice.snapshot))
            return found(target, choice)
        }
    }

    private func choose(_ context: StepContext) async throws -> (Revision, RollbackCandidates) {
        let choice = try await lockedCandidates(context)
        try checkNothingChanged(choice)
        let target = try choice.target(inputs.string("to"))
        for revision in choice.skipped(before: target) where inputs.string("to") == nil {
            context.note("skipping revision \(revision.id), which an earlier rollback took away")
        }
        if let live = choice.unclearLive, inputs.string("to") == nil {
            context.warn(
                "revision \(live.id) is live again from an earlier time, and no record tells why: if it was a rollback, it "
                    + "took revision \(target.id) away; --to chooses another one")
        }
        context.note(
            "rolling back to revision \(target.id)" + (target.commitSHA.map { ", commit \($0.prefix(12))" } ?? ""))
        return (target, choice)
    }

    private func found(_ target: Revision, _ choice: RollbackCandidates) -> RollbackTarget {
        let deployment = choice.snapshot.deployment
        var found = RollbackTarget(deploymentID: deployment.id.rawValue, revisionID: target.id.rawValue)
        found.previousRevisionID = deployment.activeRevisionID?.rawValue
        found.knownRevisions = choice.snapshot.revisions.map(\.id.rawValue)
        found.force = inputs.flag("force")
        found.connection = services.connection
        found.pastDurations = choice.snapshot.pastDurations.map(\.seconds)
        return found
    }

    /// Read again if another run changed the deployment meanwhile.
    private func lockedCandidates(_ context: StepContext) async throws -> RollbackCandidates {
        let found = try await candidates(context)
        return try await context.lock(found.snapshot.deployment.id) ? try await candidates(context) : found
    }

    private func candidates(_ context: StepContext) async throws -> RollbackCandidates {
        try await RollbackCandidates.read(
            deployment: inputs.string("deployment") ?? inputs.string("deployment-id") ?? "",
            revision: inputs.string("to"),
            client: services.client.with(deadline: context.deadline), records: services.records)
    }

    private func checkNothingChanged(_ choice: RollbackCandidates) throws {
        let active = choice.snapshot.deployment.activeRevisionID?.rawValue
        if let expected = inputs.string("expected-active"), !choice.isLive(expected) {
            throw StepFailure(
                .busy, code: "ChangedMeanwhile",
                "live revision changed: \(active ?? "none") instead of \(expected)",
                hint: "check slipway status, then repeat the rollback")
        }
        guard let newer = choice.underWay.first, !inputs.flag("force") else { return }
        throw StepFailure(
            .busy, code: "DeployUnderWay",
            "revision \(newer.id) is in progress (\(newer.status)) and would replace the rollback",
            hint:
                "wait for it, or run slipway revisions interrupt \(choice.snapshot.deployment.name) \(newer.id) --yes; "
                + "with --force the rollback is queued behind it")
    }
}
