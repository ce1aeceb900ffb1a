import Clocks
import ControlPlane
import ControlPlaneTypes
import TestSupport

/// What really happened at a model plane, by time.
struct SwarmHistory {
    typealias Arrival = ModelControlPlane.Arrival

    let deployment: ModelDeployment?
    let arrivals: [Arrival]
    private let readLag: Duration
    private let listLag: Duration

    init(_ plane: ModelControlPlane) {
        deployment = plane.world { $0.deployment(named: "agent") }
        arrivals = plane.arrivals
        (readLag, listLag) = plane.world { ($0.behavior.readLag, $0.behavior.listLag) }
    }

    func arrivals(at endpoint: String) -> [Arrival] { arrivals.filter { $0.request.endpoint == endpoint } }

    /// Revisions that requests of ours made, other than by a redeploy.
    var ourCreations: [ModelRevision] {
        (deployment?.revisions ?? []).filter { !$0.isForeign && !$0.isRedeploy && $0.createdAt.sinceStart >= .zero }
    }

    func live(at time: Duration) -> ModelRevision? {
        deployment?.active(at: MonotonicInstant(sinceStart: time)).flatMap { deployment?.revision($0) }
    }

    func wasLive(_ id: RevisionID, before time: Duration) -> Bool {
        deployment?.served.contains { $0.id == id && $0.since.sinceStart <= time } == true
    }

    func wentLive(_ id: RevisionID, after start: Duration, until end: Duration) -> Bool {
        deployment?.served.contains { $0.id == id && $0.since.sinceStart > start && $0.since.sinceStart <= end } == true
    }

    func status(of revision: ModelRevision, at time: Duration) -> RevisionStatus {
        // A restart leaves no trace of what was before it; only what was deployed is restarted.
        guard revision.queuedAt.sinceStart <= time else { return .deployed }
        return revision.status(at: MonotonicInstant(sinceStart: time))
    }

    /// The status that the response to a poll of this revision had; nil if there was none, or it was not the plane's.
    func status(of revision: ModelRevision, shownBy poll: Arrival) -> RevisionStatus? {
        guard isWhole(poll), poll.answer?.status == 200, let processed = poll.processedAt,
            poll.request.url.hasSuffix(revision.id.rawValue)
        else { return nil }
        return status(of: revision, at: processed)
    }

    /// Whether its answer arrived as the plane gave it, be it late.
    private func isWhole(_ poll: Arrival) -> Bool {
        if case .slow? = poll.fault { return true }
        return poll.fault == nil
    }

    func isDeleted(at time: Duration) -> Bool {
        deployment?.deletedAt.map { $0.sinceStart <= time } ?? false
    }

    /// Revisions of others, made after `base`, that every read since `time` shows and that may be live or go live.
    func rivals(newerThan base: ModelRevision?, visibleAt time: Duration) -> [ModelRevision] {
        guard let deployment, !isDeleted(at: time) else { return [] }
        let place = base.flatMap { base in deployment.revisions.firstIndex { $0.id == base.id } }
        let newer = place.map { deployment.revisions[$0...].dropFirst() } ?? deployment.revisions[...]
        return newer.filter { revision in
            revision.isForeign && revision.createdAt.sinceStart + readLag + listLag <= time
                && mayBeLive(revision, at: time)
        }
    }

    /// Whether a revision is live or may go live, whatever its status is called.
    func mayBeLive(_ revision: ModelRevision, at time: Duration) -> Bool {
        let status = status(of: revision, at: time)
        return !status.isFailure && status != .skipped && status != .interrupted
    }
}
