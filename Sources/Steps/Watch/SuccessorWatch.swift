import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine

/// Follows the revisions that superseded ours, one after the other, until one of our commit is live
/// (docs/failures.md, row 20).
struct SuccessorWatch: Sendable {
    /// Each may take a whole rollout; a branch that is never quiet for that long is not ours to wait for.
    static let mostRevisions = 10
    /// The deployment may name its newest revision later than the skipped one shows its status.
    private static let lag: Duration = .seconds(30)
    private static let pause: Duration = .seconds(2)

    let client: ControlPlaneClient
    let context: StepContext
    let deployment: DeploymentID
    let skipped: RevisionID
    /// The revisions that existed before ours.
    let older: Set<RevisionID>
    let watcher: @Sendable (RevisionID) -> RevisionWatcher

    /// The revision that is deployed at the end.
    ///
    /// Throws `StepFailure` when the successor fails or is built from something else, and `DeadlineReached`.
    func watch() async throws -> Revision {
        var (last, passed) = (skipped, older.union([skipped]))
        for _ in 0..<Self.mostRevisions {
            let next = try await successor(of: last, passed)
            context.note("following revision \(next), which superseded \(last)")
            switch try await watcher(next).watch() {
            case .deployed(let live): return live
            case .superseded: break
            // It never goes live, whatever it is built from.
            case .mismatch(_, let revision) where revision.status == .skipped: break
            case .timedOut(let status):
                throw DeadlineReached(waitingFor: next, lastStatus: status, concernsOurs: false)
            case .failed, .mismatch, .interrupted, .gone:
                throw StepFailure.superseded(skipped, "superseded by \(next), which is not live with our commit")
            }
            (last, passed) = (next, passed.union([next]))
        }
        throw StepFailure.superseded(
            skipped, "superseded \(Self.mostRevisions) times in a row, last after \(last)",
            hint: "run slipway status to see what is live, and deploy when the branch is quiet")
    }

    private func successor(of last: RevisionID, _ passed: Set<RevisionID>) async throws -> RevisionID {
        var reader = ResourceReader.deployment(deployment, client: client, context: context)
        var end: MonotonicInstant?
        while true {
            switch try await reader.read() {
            case .found(let deployment):
                if let newest = deployment.latestRevisionID, !passed.contains(newest) { return newest }
                let lagEnd = end ?? context.clock.now.advanced(by: Self.lag)
                end = lagEnd
                guard context.clock.now < lagEnd else {
                    throw StepFailure.superseded(skipped, "superseded by a newer one, which cannot be found")
                }
            case .refused(let error):
                throw StepFailure.refused(error, waitingFor: "the successor of revision \(last)", in: deployment)
            case .unavailable: break
            }
            if context.isOver {
                throw DeadlineReached(
                    activity: "looking for the revision that superseded \(last)", concernsOurs: false)
            }
            let next = context.clock.now.advanced(by: reader.pause ?? Self.pause)
            try await context.clock.sleep(until: context.deadline.map { min($0, next) } ?? next)
        }
    }
}
