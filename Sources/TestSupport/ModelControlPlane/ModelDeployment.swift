package import Clocks
package import ControlPlaneTypes

/// A deployment of a `ModelWorld`. Its revisions run one at a time; of those that wait, the newest is next.
package struct ModelDeployment: Sendable {
    package let id: DeploymentID
    package var name: String
    package var displayName: String?
    package var source: DeploymentSource
    package var createdAt: MonotonicInstant
    package var status = DeploymentStatus.ready
    package var repoURL: String?
    package var integrationID: String?
    package var buildOnPush: Bool?
    package var secrets: [(name: String, value: String)] = []
    package var resourceSpec: JSONValue?
    package var listenerID: String?
    package var namespace: String?
    package var deletedAt: MonotonicInstant?
    /// Oldest first.
    package internal(set) var revisions: [ModelRevision] = []
    /// The live revisions and when each became live.
    package private(set) var served: [(since: MonotonicInstant, id: RevisionID)] = []
    private var runningID: RevisionID?
    private var freeSince: MonotonicInstant

    init(id: DeploymentID, name: String, source: DeploymentSource, createdAt: MonotonicInstant) {
        self.id = id
        self.name = name
        self.source = source
        self.createdAt = createdAt
        freeSince = createdAt
    }

    /// The revision that is live now, or was `lag` ago.
    package func active(at now: MonotonicInstant, lag: Duration = .zero) -> RevisionID? {
        served.last { $0.since.advanced(by: lag) <= now }?.id
    }

    package func revision(_ id: RevisionID) -> ModelRevision? { revisions.first { $0.id == id } }

    package mutating func add(_ revision: ModelRevision) {
        settle(until: revision.createdAt)
        revisions.append(revision)
        settle(until: revision.createdAt)
    }

    /// Adds a revision that was deployed long ago.
    mutating func addDeployed(_ revision: ModelRevision) {
        revisions.append(revision)
        served.append((revision.createdAt, revision.id))
    }

    /// Restarts a revision.
    mutating func restart(_ id: RevisionID, _ rollout: ModelRollout, at now: MonotonicInstant) {
        settle(until: now)
        change(id) {
            $0.queuedAt = now
            $0.startedAt = nil
            $0.stopped = nil
            $0.rollout = rollout
        }
        settle(until: now)
    }

    /// The platform serves the revision before the live one again, without a new revision.
    package mutating func fallBack(at now: MonotonicInstant) {
        settle(until: now)
        if let older = served.dropLast().last { served.append((now, older.id)) }
    }

    mutating func interrupt(_ id: RevisionID, at now: MonotonicInstant) {
        settle(until: now)
        guard let status = revision(id)?.status(at: now), status.isInProgress || !RevisionStatus.known.contains(status)
        else { return }
        change(id) { $0.stopped = (now, .interrupted) }
        settle(until: now)
    }

    /// Changes attributes of revisions, not their timing.
    package mutating func editRevisions(_ edit: (inout ModelRevision) -> Void) {
        for index in revisions.indices { edit(&revisions[index]) }
    }

    /// Performs everything that is due.
    mutating func settle(until now: MonotonicInstant) {
        while true {
            if let running = runningID {
                guard let revision = revision(running), let end = revision.endsAt, end <= now else { return }
                finish(revision, at: end)
            } else {
                guard let next = revisions.last(where: \.isWaiting) else { return }
                begin(next)
            }
        }
    }

    private mutating func finish(_ revision: ModelRevision, at end: MonotonicInstant) {
        runningID = nil
        freeSince = end
        let status = revision.status(at: end)
        guard status == .deployed || status == .unknown, revision.rollout.goesLive else { return }
        served.append((end, revision.id))
    }

    private mutating func begin(_ next: ModelRevision) {
        let start = max(freeSince, next.queuedAt)
        for older in revisions where older.isWaiting && older.id != next.id {
            change(older.id) { $0.stopped = (start, .skipped) }
        }
        change(next.id) { $0.startedAt = start }
        runningID = next.id
    }

    private mutating func change(_ id: RevisionID, _ edit: (inout ModelRevision) -> Void) {
        for index in revisions.indices where revisions[index].id == id { edit(&revisions[index]) }
    }
}
