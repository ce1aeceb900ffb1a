package import Clocks
package import ControlPlaneTypes

/// A revision of a `ModelDeployment`: a pure function of time once it has begun.
package struct ModelRevision: Sendable {
    package let id: RevisionID
    package var ref: String?
    package var configPath: String?
    package var tarball: String?
    package var image: String?
    /// Somebody else asked for it.
    package var isForeign = false
    /// What is really built; the plane says so from BUILDING on.
    package var commit: String?
    package let createdAt: MonotonicInstant
    /// When it last began to wait for the deployment's one slot.
    package var queuedAt: MonotonicInstant
    package var rollout: ModelRollout
    /// When it got the slot; nil while it waits.
    package var startedAt: MonotonicInstant?
    /// Set when something else than its rollout ended it: skipped, interrupted.
    package var stopped: (at: MonotonicInstant, status: RevisionStatus)?

    package init(id: RevisionID, commit: String?, rollout: ModelRollout, createdAt: MonotonicInstant) {
        self.id = id
        self.commit = commit
        self.rollout = rollout
        self.createdAt = createdAt
        queuedAt = createdAt
    }

    package func status(at now: MonotonicInstant) -> RevisionStatus {
        if let stopped, stopped.at <= now { return stopped.status }
        guard let startedAt, startedAt <= now else { return .queued }
        return rollout.status(after: startedAt.duration(to: now))
    }

    /// When it lets go of the slot; nil while it has none or never will.
    var endsAt: MonotonicInstant? {
        if let stopped { return stopped.at }
        guard let startedAt, let duration = rollout.duration else { return nil }
        return startedAt.advanced(by: duration)
    }

    var isWaiting: Bool { startedAt == nil && stopped == nil }

    /// When its status last changed.
    func updatedAt(_ now: MonotonicInstant) -> MonotonicInstant {
        if let endsAt, endsAt <= now { return endsAt }
        guard var change = startedAt else { return queuedAt }
        for phase in rollout.phases {
            let next = change.advanced(by: phase.duration)
            if next > now { break }
            change = next
        }
        return change
    }

    /// The plane learns the commit when it fetches the code.
    func knownCommit(at now: MonotonicInstant) -> String? {
        guard rollout.reportsCommit, tarball == nil else { return nil }
        let status = status(at: now)
        let isTooEarly = [.creating, .queued, .awaitingBuild, .createFailed, .skipped].contains(status)
        return isTooEarly ? nil : commit
    }
}
