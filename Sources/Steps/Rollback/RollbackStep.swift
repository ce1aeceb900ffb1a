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
            .init("deployment", "name or id of the deployment, for a rollback without `target` and `revision`"),
            .init("deployment-id", "the same as `deployment`"),
            .init("to", "revision of `deployment` to roll back to; default: the last one deployed before the live one"),
            .init(
                "force", default: false, as: .boolean, "roll back `deployment` even if a newer revision is in progress"),
            .init("cause", "why the deploy is undone: failed, mismatch, not-serving, smoke-failed or timeout"),
            .init("plan", "the output `plan` of preflight: how to poll"),
            .init("poll-interval", "fixed interval between polls instead of the adaptive one"),
            .init("reason", "reason of the rollback, for the reports"),
        ] + StepConnection.inputs,
        outputs: [
            .init("revision", "the revision that is live again, and the address of the agent"),
            .init("target", "the revision to roll back to, if `deployment` was given", durable: true),
            .init("revision-id", "the revision that was waited for", durable: true),
            .init("result", "restored, failed or left"),
            .init("deployment-url", "address of the agent"),
        ], access: .changes, isMomentary: true,
        removedInputs: StepOutputs.removed(
            ["revision-id", "previous-revision-id", "created", "past-durations"],
            use: ["plan", "revision"]))

    let startsInCriticalSection = true
    private let services: StepServices
    private let deployment: DeploymentID
    private let target: RollbackTarget?
    /// The deploy that is undone.
    private let undone: TrackedRevision?
    private let cause: RollbackCause?
    private let reason: String?
    private let schedule: PollSchedule

    /// The step for the inputs: without a target it finds one first.
    static func make(_ inputs: StepInputs, _ services: StepServices) throws -> any Step {
        let isNamed = inputs.string("deployment") != nil || inputs.string("deployment-id") != nil
        guard isNamed, inputs.json("target") == nil, inputs.json("revision") == nil else {
            return try RollbackStep(inputs, services)
        }
        return NamedRollbackStep(inputs: inputs, services: services)
    }

    /// `target` replaces the input of that name.
    init(_ inputs: StepInputs, _ services: StepServices, target chosen: RollbackTarget? = nil) throws {
        self.services = services
        target = try chosen ?? inputs.structure("target", RollbackTarget.self)
        undone = try inputs.structure("revision", TrackedRevision.self)
        let plan = try inputs.structure("plan", DeployPlan.self)
        guard let deployment = target?.deploymentID ?? undone?.deploymentID else {
            throw StepFailure(
                .invalidWorkflow, code: "InvalidStepInputs", "missing input 'deployment', 'target' or 'revision'",
                hint: "pass deployment: NAME, or revision: ${{ steps.deploy.outputs.revision }} to undo a deploy")
        }
        self.deployment = DeploymentID(deployment)
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

    /// The revision to go back to.
    private var to: RevisionID? { (target?.revisionID ?? undone?.previousRevisionID).map { RevisionID($0) } }

    /// What was live when the target was chosen.
    private var previous: RevisionID? {
        (target?.previousRevisionID ?? undone?.previousRevisionID).map { RevisionID($0) }
    }

    func run(in context: StepContext) async throws {
        let watch: RedeployWatch?
        let result: RedeployWatch.Result?
        do {
            watch = try await requestOnce(context)
            result = try await watch?.finish()
        } catch {
            guard let failure = StepFailure(explaining: error, in: context) else { throw error }
            guard context.hasIntended(RedeployRequest.effectName) else { throw refused(failure, context) }
            throw failed(failure, to, nil, context)
        }
        // What comes back is not always what was live when the deploy began.
        let target = watch?.target.id
        switch result {
        case .live(let revision, let live): try restored(target, revision, live, context)
        case .failed(let failure, let revision): throw failed(failure, target, revision, context)
        case nil: context.output("result", "left")
        }
    }

    /// Nil when the live revision is left as it is.
    private func requestOnce(_ context: StepContext) async throws -> RedeployWatch? {
        let client = services.client.with(deadline: context.deadline)
        // Cancelled in between, a failed revision would stay live (docs/failures.md, row 37).
        do {
            return try await context.inCriticalSection { try await request(client, context) }
        } catch is CancellationError {
            context.warn("cancelled before the control plane confirmed the rollback: whether it continues is unknown")
            throw CancellationError()
        }
    }

    /// Nil when the live revision is left as it is.
    private func request(_ client: ControlPlaneClient, _ context: StepContext) async throws -> RedeployWatch? {
        let recordLive = { @Sendable [services, previous, undone] (live: Deployment) in
            context.record(services.fact(live, previous: previous, created: undone?.created ?? false))
        }
        var redeploy = RedeployRequest(
            client: client, context: context, deployment: deployment, situation: situation, recordLive: recordLive
        ) { context.record(seen(to: $0.rawValue)) }
        let made = try await redeployed(&redeploy, client, context)
        switch made {
        case .left(let reason):
            context.record(RollbackSeen(attempted: false, result: .skip, reason: reason))
            return nil
        case .revision(let revision, let isNamed):
            let target = try await wanted(redeploy, client, context)
            context.record(seen(to: target.id.rawValue, as: revision))
            context.output("revision-id", .string(revision.rawValue))
            return RedeployWatch(
                client: client, context: context, deployment: deployment, target: target,
                previous: redeploy.now?.deployment.activeRevisionID ?? previous, revision: revision, isNamed: isNamed,
                schedule: schedule, uploads: services.uploads, sweep: services.sweep,
                targetMayStayLive: cause == .notServing,
                record: recordLive)
        }
    }

    private func redeployed(
        _ redeploy: inout RedeployRequest, _ client: ControlPlaneClient, _ context: StepContext
    ) async throws -> RedeployRequest.Made {
        if let id = context.previousAttempts.outputs["revision-id"]?.string {
            return .revision(RevisionID(id), isNamed: false)
        }
        let sender = ChangeSender(context: context)
        if cause == .timeout, let undone, !redeploy.wasSent {
            if let made = try await sender.waitUntilAllowed(&redeploy) { return made }
            // A stuck revision blocks the queue, so it has to end first.
            await interrupt(undone.revision, client, sender, context)
        }
        return try await sender.send(&redeploy, wasSent: redeploy.wasSent)
    }

    private func wanted(
        _ redeploy: RedeployRequest, _ client: ControlPlaneClient, _ context: StepContext
    ) async throws -> Revision {
        if let wanted = redeploy.wanted { return wanted }
        guard let target = redeploy.target else {
            throw StepFailure(.failed, code: "NoRollbackTarget", "no revision to roll back to", hint: nil)
        }
        return try await context.confirmingRefusals(of: client) { try await client.revision(target, of: deployment) }
    }

    /// What was known when the target was chosen; the request reads what is now.
    private var situation: RollbackDecision.Situation {
        var situation = RollbackDecision.Situation(target: to)
        situation.previous = previous
        if let undone, let cause { situation.undone = (undone, cause) }
        situation.known = (target?.knownRevisions ?? undone?.knownRevisions).map { Set($0.map { RevisionID($0) }) }
        situation.force = target?.force ?? false
        return situation
    }

    private func restored(
        _ target: RevisionID?, _ revision: RevisionID, _ live: Deployment, _ context: StepContext
    ) throws {
        context.record(seen(to: target?.rawValue, as: revision, result: .success))
        var tracked = TrackedRevision(deploymentID: deployment.rawValue, id: revision.rawValue)
        (tracked.previousRevisionID, tracked.url) = (previous?.rawValue, live.servingURL)
        tracked.connection = services.connection
        try context.output("revision", encoding: tracked)
        services.knownRevisions.add(tracked, by: context.job)
        context.output("result", "restored")
        context.output("deployment-url", Value(live.servingURL))
    }

    /// Nothing was requested.
    private func refused(_ failure: StepFailure, _ context: StepContext) -> StepFailure {
        context.output("result", "failed")
        context.record(RollbackSeen(attempted: false, result: failure.verdict.outcome, reason: failure.message))
        return worse(failure)
    }

    private func failed(
        _ failure: StepFailure, _ target: RevisionID?, _ revision: RevisionID?, _ context: StepContext
    ) -> StepFailure {
        context.output("result", "failed")
        context.record(seen(to: target?.rawValue, as: revision, result: failure.verdict.outcome))
        return worse(failure)
    }

    private func worse(_ failure: StepFailure) -> StepFailure {
        guard cause != nil else { return failure }
        var worse = failure
        // Somebody else's revision took the place of both: nothing is left to go back to.
        worse.verdict = failure.verdict == .superseded ? .failed : .rollbackFailed
        return worse
    }

    private func seen(to target: String?, as revision: RevisionID? = nil, result: Outcome? = nil) -> RollbackSeen {
        RollbackSeen(
            attempted: true, toRevisionID: target, revisionID: revision?.rawValue, result: result,
            reason: reason)
    }

    /// Best effort: a revision that cannot be interrupted may still make room.
    private func interrupt(
        _ revision: RevisionID, _ client: ControlPlaneClient, _ sender: ChangeSender, _ context: StepContext
    ) async {
        var interruption = RevisionInterruption(client: client, deployment: deployment, revision: revision)
        do {
            _ = try await sender.send(&interruption)
        } catch {
            context.warn(
                "cannot interrupt revision \(revision): \(StepFailure(explaining: error)?.message ?? "\(error)")")
        }
    }
}

/// `rollback` of a deployment that is named: finds the revision to go back to, and rolls back to it.
private struct NamedRollbackStep: Step {
    let inputs: StepInputs
    let services: StepServices

    func run(in context: StepContext) async throws {
        try await RollbackStep(inputs, services, target: try await target(context)).run(in: context)
    }

    /// A later attempt keeps the target: after the rollback another revision would be the last one before.
    private func target(_ context: StepContext) async throws -> RollbackTarget {
        if let earlier = context.previousAttempts.outputs["target"],
            let target = try StepInputs(["target": earlier]).structure("target", RollbackTarget.self)
        {
            return target
        }
        let target = try await RollbackTargetStep(inputs, services).target(context)
        try context.output("target", encoding: target)
        return target
    }
}
