import ControlPlane
import ControlPlaneTypes
import Engine
import WorkflowModel

/// `rollback`: makes the revision live again that was live before.
struct RollbackStep: Step {
    static let signature = StepSignature(
        uses: "rollback",
        summary: "Redeploys the revision that was live before, waits for it and checks that it is live; once.",
        inputs: [
            .init("target", "the output `target` of rollback-target, for a rollback by hand"),
            .init("revision", "the output `revision` of create-revision, to undo a deploy"),
            .init("cause", "why the deploy is undone: failed, mismatch, not-serving, smoke-failed or timeout"),
            .init("plan", "the output `plan` of preflight: how to poll"),
            .init("poll-interval", "fixed interval between polls instead of the adaptive one"),
            .init("reason", "reason of the rollback, for the reports"),
        ],
        outputs: [
            .init("revision", "the revision that is live again, and the address of the agent"),
            .init("revision-id", "the revision that was waited for", durable: true),
            .init("result", "restored, failed or left"),
            .init("deployment-url", "address of the agent"),
        ], access: .changes,
        removedInputs: StepOutputs.removed(
            ["deployment-id", "to", "revision-id", "previous-revision-id", "created", "past-durations"],
            use: ["plan", "revision"]))

    let startsInCriticalSection = true
    private let services: StepServices
    private let deployment: DeploymentID
    /// The revision to go back to.
    private let to: RevisionID?
    /// The revision that is undone.
    private let ours: RevisionID?
    private let previous: RevisionID?
    private let created: Bool
    private let cause: RollbackCause?
    private let reason: String?
    private let schedule: PollSchedule

    init(_ inputs: StepInputs, _ services: StepServices) throws {
        self.services = services
        let target = try inputs.structure("target", RollbackTarget.self)
        let revision = try inputs.structure("revision", TrackedRevision.self)
        let plan = try inputs.structure("plan", DeployPlan.self)
        guard let deployment = target?.deploymentID ?? revision?.deploymentID else {
            throw StepFailure(
                .invalidWorkflow, code: "InvalidStepInputs", "missing input 'target' or 'revision'",
                hint: "pass revision: ${{ steps.deploy.outputs.revision }} to undo a deploy, or target: "
                    + "${{ steps.target.outputs.target }}")
        }
        self.deployment = DeploymentID(deployment)
        to = (target?.revisionID ?? revision?.previousRevisionID).map { RevisionID($0) }
        ours = revision?.revision
        previous = (target?.previousRevisionID ?? revision?.previousRevisionID).map { RevisionID($0) }
        created = revision?.created ?? false
        cause = try inputs.string("cause").map { word in
            guard let cause = RollbackCause(rawValue: word) else {
                throw inputs.invalid(
                    "cause", word, RollbackCause.allCases.map(\.rawValue).joined(separator: ", "))
            }
            return cause
        }
        reason = inputs.string("reason")
        schedule = try PollSchedule(
            fixed: inputs.string("poll-interval") ?? plan?.pollInterval,
            pastSeconds: target?.pastDurations ?? plan?.pastDurations ?? [])
    }

    func run(in context: StepContext) async throws {
        let result: Redeployment.Result?
        do {
            result = try await goBack(context)
        } catch {
            guard let failure = StepFailure(explaining: error) else { throw error }
            throw failed(failure, nil, context)
        }
        switch result {
        case .serving(let revision, let live): try restored(revision, live, context)
        case .failed(let failure, let revision): throw failed(failure, revision, context)
        case nil: context.output("result", "left")
        }
    }

    /// Nil when the live revision is left as it is.
    private func goBack(_ context: StepContext) async throws -> Redeployment.Result? {
        let client = services.client.with(deadline: context.deadline)
        // Cancelled in between, a failed revision would stay live (docs/failures.md, row 37).
        let begun: Redeployment.Begun?
        do {
            begun = try await context.inCriticalSection { try await begin(client, context) }
        } catch is CancellationError {
            context.warn("cancelled before the control plane confirmed the rollback: whether it continues is unknown")
            throw CancellationError()
        }
        return try await begun?.finish()
    }

    /// Nil when the live revision is left as it is.
    private func begin(_ client: ControlPlaneClient, _ context: StepContext) async throws -> Redeployment.Begun? {
        switch try await plan(client, context.previousAttempts) {
        case .leave(let reason):
            context.record(RollbackSeen(attempted: false, result: .skip, reason: reason))
            return nil
        case .redeploy(let target):
            context.record(seen(to: target.rawValue))
            if cause == .timeout { try await interruptOurs(client, context) }
            return try await Redeployment(
                client: client, context: context, deployment: deployment, target: target, schedule: schedule,
                uploads: services.uploads,
                targetMayStayLive: cause == .notServing
            ).begin { context.record(seen(to: target.rawValue, as: $0)) }
        }
    }

    private func plan(_ client: ControlPlaneClient, _ earlier: StepRecord) async throws -> RollbackDecision {
        if let begun = Redeployment.intent(in: earlier) { return .redeploy(begun.target) }
        guard let cause else { return to.map { .redeploy($0) } ?? .leave(reason: "no revision to roll back to") }
        let now = try await client.deployment(deployment)
        let newest = try await client.listRevisions(of: deployment, limit: DeploymentReader.revisionCount).resources
        let newer = newest.prefix { $0.id != ours && $0.id != to }.filter(\.status.isInProgress)
        if cause == .mismatch, now.activeRevisionID == to, to != nil {
            return .leave(reason: "the previous revision is still live")
        }
        return RollbackDecision.decide(
            RollbackDecision.Situation(
                ours: ours, previous: to, activeNow: now.activeRevisionID, newerUnderWay: newer.map(\.id)))
    }

    private func restored(_ revision: RevisionID, _ live: Deployment, _ context: StepContext) throws {
        context.record(services.fact(live, previous: previous, created: created))
        context.record(seen(to: to?.rawValue, as: revision, result: .success))
        var tracked = TrackedRevision(deploymentID: deployment.rawValue, id: revision.rawValue)
        (tracked.previousRevisionID, tracked.url) = (previous?.rawValue, live.servingURL)
        try context.output("revision", encoding: tracked)
        context.output("result", "restored")
        context.output("deployment-url", Value(live.servingURL))
    }

    private func failed(_ failure: StepFailure, _ revision: RevisionID?, _ context: StepContext) -> StepFailure {
        context.output("result", "failed")
        context.record(seen(to: to?.rawValue, as: revision, result: failure.verdict.outcome))
        guard cause != nil else { return failure }
        var worse = failure
        worse.verdict = .rollbackFailed
        return worse
    }

    private func seen(to target: String?, as revision: RevisionID? = nil, result: Outcome? = nil) -> RollbackSeen {
        RollbackSeen(
            attempted: true, toRevisionID: target, revisionID: revision?.rawValue, result: result,
            reason: reason)
    }

    /// A stuck revision blocks the queue, so it has to end first.
    private func interruptOurs(_ client: ControlPlaneClient, _ context: StepContext) async throws {
        guard let ours else { return }
        do {
            try await context.perform("interrupt-revision", facts: ["revision": ours.rawValue]) {
                try await client.interrupt(ours, of: deployment)
            }
        } catch let error as ControlPlaneError {
            context.warn("cannot interrupt revision \(ours): \(error.message)")
        }
    }
}
