import ControlPlane
import ControlPlaneTypes
import Engine
import WorkflowModel

/// `rollback`: brings the revision back that served before, and makes sure that it serves.
struct RollbackStep: Step {
    static let signature = StepSignature(
        uses: "rollback",
        summary: "Redeploys the revision that served before, waits for it and checks that it serves; once.",
        inputs: [
            .init("deployment-id", isRequired: true, "the deployment"),
            .init("to", "the revision to go back to"),
            .init("revision-id", "the revision that is being undone"),
            .init("cause", "why a deploy is undone: failed, mismatch, not-serving, smoke-failed or timeout"),
            .init("previous-revision-id", "the revision that served before this run changed anything"),
            .init("created", default: false, "whether this run created the deployment"),
            .init("past-durations", "how long the last revisions took, in seconds"),
            .init("poll-interval", "a fixed pause between polls instead of the adaptive one"),
            .init("reason", "why somebody asks for it, for the reports"),
        ],
        outputs: [
            .init("revision-id", "the revision that was waited for", durable: true),
            .init("result", "restored, failed or left"),
            .init("deployment-url", "where the agent answers"),
        ], access: .changes)

    let startsInCriticalSection = true
    private let inputs: StepInputs
    private let services: StepServices
    private let deployment: DeploymentID
    private let cause: RollbackDecision.Cause?
    private let pace: PollPace

    init(_ inputs: StepInputs, _ services: StepServices) throws {
        self.inputs = inputs
        self.services = services
        deployment = DeploymentID(inputs.string("deployment-id") ?? "")
        cause = try inputs.string("cause").map { word in
            guard let cause = RollbackDecision.Cause(rawValue: word) else {
                throw StepFailure(.invalidWorkflow, code: "UnknownCause", "'\(word)' is no cause of a rollback")
            }
            return cause
        }
        pace = try PollPace(fixed: inputs.string("poll-interval"), pastSeconds: inputs.strings("past-durations"))
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
        case .serving(let revision, let live): restored(revision, live, context)
        case .failed(let failure, let revision): throw failed(failure, revision, context)
        case nil: context.output("result", "left")
        }
    }

    /// Nil when what serves is left as it is.
    private func goBack(_ context: StepContext) async throws -> Redeployment.Result? {
        let client = services.client.with(deadline: context.deadline)
        // Told to stop in between, a failed revision would stay what serves (docs/failures.md, row 37).
        let begun: Redeployment.Begun?
        do {
            begun = try await context.inCriticalSection { try await begin(client, context) }
        } catch is CancellationError {
            context.warn("told to stop before the control plane had confirmed the rollback: it may go on or not")
            throw CancellationError()
        }
        return try await begun?.finish()
    }

    /// Nil when what serves is left as it is.
    private func begin(_ client: ControlPlaneClient, _ context: StepContext) async throws -> Redeployment.Begun? {
        switch try await plan(client, context.previousAttempts) {
        case .leave(let reason):
            context.record(RollbackSeen(attempted: false, result: .skip, reason: reason))
            return nil
        case .redeploy(let target):
            context.record(seen(to: target.rawValue))
            if cause == .timeout { try await interruptOurs(client, context) }
            return try await Redeployment(
                client: client, context: context, deployment: deployment, target: target, pace: pace,
                uploads: services.uploads,
                targetServesStill: cause == .notServing
            ).begin { context.record(seen(to: target.rawValue, as: $0)) }
        }
    }

    private func plan(_ client: ControlPlaneClient, _ earlier: StepRecord) async throws -> RollbackDecision {
        if let begun = Redeployment.intent(in: earlier) { return .redeploy(begun.target) }
        let to = inputs.string("to").map { RevisionID($0) }
        guard let cause else { return to.map { .redeploy($0) } ?? .leave(reason: "no revision to go back to is named") }
        let ours = inputs.string("revision-id").map { RevisionID($0) }
        let now = try await client.deployment(deployment)
        let newest = try await client.listRevisions(of: deployment, limit: DeploymentReader.revisionCount).resources
        let newer = newest.prefix { $0.id != ours && $0.id != to }.filter(\.status.isUnderWay)
        if cause == .mismatch, now.activeRevisionID == to, to != nil {
            return .leave(reason: "the old revision still serves")
        }
        return RollbackDecision.decide(
            RollbackDecision.Situation(
                ours: ours, previous: to, activeNow: now.activeRevisionID, newerUnderWay: newer.map(\.id)))
    }

    private func restored(_ revision: RevisionID, _ live: Deployment, _ context: StepContext) {
        let previous = inputs.string("previous-revision-id").map { RevisionID($0) }
        context.record(services.fact(live, previous: previous, created: inputs.flag("created")))
        context.record(seen(to: inputs.string("to"), as: revision, result: .success))
        context.output("result", "restored")
        context.output("deployment-url", Value(live.servingURL))
    }

    private func failed(_ failure: StepFailure, _ revision: RevisionID?, _ context: StepContext) -> StepFailure {
        context.output("result", "failed")
        context.record(seen(to: inputs.string("to"), as: revision, result: failure.verdict.outcome))
        guard cause != nil else { return failure }
        var worse = failure
        worse.verdict = .rollbackFailed
        return worse
    }

    private func seen(to target: String?, as revision: RevisionID? = nil, result: Outcome? = nil) -> RollbackSeen {
        RollbackSeen(
            attempted: true, toRevisionID: target, revisionID: revision?.rawValue, result: result,
            reason: inputs.string("reason"))
    }

    /// A stuck revision holds the queue, so it has to go first.
    private func interruptOurs(_ client: ControlPlaneClient, _ context: StepContext) async throws {
        guard let ours = inputs.string("revision-id").map({ RevisionID($0) }) else { return }
        do {
            try await context.perform("interrupt-revision", facts: ["revision": ours.rawValue]) {
                try await client.interrupt(ours, of: deployment)
            }
        } catch let error as ControlPlaneError {
            context.warn("revision \(ours) could not be interrupted: \(error.message)")
        }
    }
}
