import Clocks
import ControlPlaneTypes
import Engine
import WorkflowModel

/// Thrown when the time of a step ends before what it waited for is known.
struct DeadlineReached: Error, Sendable {
    /// What the step did and what it knew last: "waiting for revision X: last status BUILDING".
    let activity: String
    /// Whether it waited for what this run did; somebody else's revision is never rolled back.
    var concernsOurs = true
}

extension DeadlineReached {
    init(waitingFor revision: RevisionID, lastStatus: RevisionStatus?, concernsOurs: Bool = true) {
        self.init(
            activity: "waiting for revision \(revision): last status \(lastStatus?.rawValue ?? "never read")",
            concernsOurs: concernsOurs)
    }
}

/// What the end of its time means for a step of a deploy: the one place where a deadline becomes an outcome.
///
/// It is never the verdict of a check: only `--on-timeout rollback` makes it a reason to roll back.
struct DeadlinePolicy: Sendable {
    /// Nil for a step that no deploy planned: its timeout changes nothing.
    let plan: DeployPlan?
    let deployment: DeploymentID?

    /// Runs `work` and turns `DeadlineReached` into the outputs and the failure of `context`'s step.
    func run(in context: StepContext, _ work: () async throws -> Void) async throws {
        do {
            try await work()
        } catch let end as DeadlineReached {
            throw failure(end, context)
        }
    }

    private func failure(_ end: DeadlineReached, _ context: StepContext) -> StepFailure {
        let cause = end.concernsOurs ? plan.flatMap(RollbackCause.init(timeoutUnder:)) : nil
        context.output("rollback-cause", Value(cause?.rawValue))
        context.output("result", "timeout")
        let status = deployment.map { "run slipway status \($0)" } ?? "check what is live"
        return StepFailure(
            // After a rollback the state is known again: the new revision is not live.
            cause == nil ? .timedOut : .failed, code: "DeployTimeout", "timed out \(end.activity)",
            hint: cause == nil
                ? "it may still go live: \(status), or allow more time with --timeout"
                : "deploy again with a longer --timeout")
    }
}

extension StepContext {
    /// A read that begins after the deadline, because the machine slept past it, may take this long
    /// (docs/failures.md, row 42).
    private static let lastRead: Duration = .seconds(3)
    /// A read at the deadline itself.
    private static let lastLook: Duration = .milliseconds(500)
    /// More than a busy machine wakes up late.
    private static let sleep: Duration = .seconds(2)

    var isOver: Bool { deadline.map { clock.now >= $0 } ?? false }

    /// When a read of the control plane has to end.
    var readDeadline: MonotonicInstant? {
        guard let deadline else { return nil }
        let now = clock.now
        if now < deadline { return deadline }
        return now.advanced(by: deadline.duration(to: now) > Self.sleep ? Self.lastRead : Self.lastLook)
    }
}
