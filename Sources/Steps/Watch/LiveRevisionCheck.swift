import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine

extension StepFailure {
    /// Another revision is live after `what`, such as "revision X was deployed".
    static func superseded(_ what: String, by active: RevisionID?, in deployment: DeploymentID) -> StepFailure {
        let other = active.map { "revision \($0) of another deploy" } ?? "no revision"
        return StepFailure(
            .superseded, code: "Superseded", "\(what), but \(other) is live now",
            hint: "run slipway status \(deployment) to see what is live")
    }
}

/// Waits until the deployment names a revision as live (docs/failures.md, row 27).
struct LiveRevisionCheck: Sendable {
    /// From the first answer on: not to get one says nothing.
    static let patience: Duration = .seconds(60)
    /// For a revision that was live already: reads may lag for a moment.
    static let patienceOnceLive: Duration = .seconds(10)
    static let pause: Duration = .seconds(2)
    /// How often a response is asked for again that took so long that it may be outdated.
    private static let freshReads = 3

    let client: ControlPlaneClient
    let context: StepContext
    let deployment: DeploymentID
    /// The revision that was live before: reads may lag behind the switch from it. Nil when that is not known.
    var previous: RevisionID?
    /// What the run was told to be live before; nil to tell it in any case.
    var recorded: RevisionID?
    /// Tells the run what is live, whenever that changed: it must be known when the deadline comes first, too.
    var record: @Sendable (Deployment) -> Void = { _ in }

    /// The deployment as it was when one of `revisions` was live, or as it is after `patience`.
    ///
    /// Throws `DeadlineReached` when the deadline comes first, and `StepFailure` when the control plane refuses to say.
    func waitUntilLive(
        _ revisions: [RevisionID], patience: Duration = patience
    ) async throws -> Deployment {
        var reader = ResourceReader.deployment(deployment, client: client, context: context)
        var (end, live) = (MonotonicInstant?.none, "the control plane did not say what is live")
        var recorded = recorded.map { RevisionID?.some($0) }
        var reads = 0
        while true {
            let asked = context.clock.now
            switch try await reader.read() {
            case .found(let deployment):
                if recorded != .some(deployment.activeRevisionID) {
                    record(deployment)
                    if try await isOvertaken(deployment, revisions) { return deployment }
                }
                recorded = .some(deployment.activeRevisionID)
                live = deployment.activeRevisionID.map { "revision \($0) is live" } ?? "no revision is live"
                let patienceEnd = end ?? context.clock.now.advanced(by: patience)
                end = patienceEnd
                let isLive = deployment.activeRevisionID.map(revisions.contains) ?? false
                reads += 1
                let isFresh = asked.duration(to: context.clock.now) <= ChangeSender.freshness
                if isLive, !isFresh, reads < Self.freshReads, !context.isOver { continue }
                // A slow response tells what was live when it was asked for, or soon after.
                // Not to be live is only a verdict while there was time left to become it.
                if isLive || (asked >= patienceEnd && !context.isOver) { return deployment }
            case .refused(let error):
                throw StepFailure.refused(error, waitingFor: subject(revisions), in: deployment)
            case .unavailable: break
            }
            if context.isOver {
                throw DeadlineReached(activity: "waiting for \(subject(revisions)) to be live: \(live)")
            }
            // Only what is still to come: after the patience a read that fails at once would be repeated without a pause.
            let now = context.clock.now
            let next = now.advanced(by: reader.pause ?? Self.pause)
            let ends = [end, context.deadline].compactMap(\.self).filter { $0 > now }
            try await context.clock.sleep(until: ends.reduce(next, min))
        }
    }

    /// Whether what is live is newer than what is waited for: then there is nothing left to wait for. Best effort: without
    /// an answer the patience decides.
    private func isOvertaken(_ deployment: Deployment, _ revisions: [RevisionID]) async throws -> Bool {
        guard let active = deployment.activeRevisionID, active != previous, !revisions.contains(active) else {
            return false
        }
        var reader = BestEffortReader.afterVerdict(client: client, clock: context.clock)
        let reading = try await reader.read {
            try await $0.listRevisions(of: deployment.id, limit: RevisionSearch.listed).resources
        }
        guard case .answer(let listed) = reading,
            let place = listed.firstIndex(where: { $0.id == active }),
            let own = listed.firstIndex(where: { revisions.contains($0.id) })
        else { return false }
        return place < own
    }

    private func subject(_ revisions: [RevisionID]) -> String {
        revisions.map { "revision \($0)" }.joined(separator: " or ")
    }
}
