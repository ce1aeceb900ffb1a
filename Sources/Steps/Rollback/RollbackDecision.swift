package import ControlPlaneTypes
import FoundationEssentials

/// Whether to roll back, and to what: a pure decision over reads of the moment (docs/failures.md, rows 20, 30 and 33).
/// Whatever is newer and may go live belongs to somebody else: nothing is redeployed over it.
package enum RollbackDecision: Sendable, Equatable {
    case redeploy(RevisionID)
    case leave(reason: String)

    /// What is known when the redeploy is about to be requested.
    package struct Situation: Sendable {
        /// What was read last; nil before that.
        package var now: DeploymentSnapshot?
        /// The revision to go back to; nil when none was live before.
        package var target: RevisionID?
        /// What was live when the target was chosen: before the deploy that is undone, or when the rollback by hand began.
        package var previous: RevisionID?
        /// The deploy that is undone, and why; nil for a rollback by hand.
        package var undone: (revision: TrackedRevision, cause: RollbackCause)?
        /// The revisions that existed when the target was chosen; nil when that is not known.
        package var known: Set<RevisionID>?
        /// Whether to go back over a newer revision.
        package var force = false

        package init(target: RevisionID?, now: DeploymentSnapshot? = nil) {
            self.target = target
            self.now = now
        }

        fileprivate var revisions: [Revision] { now?.revisions ?? [] }
        fileprivate var active: RevisionID? { now?.deployment.activeRevisionID }
    }

    package static func decide(_ situation: Situation) -> RollbackDecision {
        guard let target = situation.target else {
            return .leave(reason: "no revision was live before this one, so there is none to roll back to")
        }
        if situation.force { return .redeploy(target) }
        if let active = situation.active, !situation.mayBeReplaced(active) {
            return .leave(reason: "revision \(active) of another deploy went live meanwhile")
        }
        if let newer = situation.newerOfOthers {
            return .leave(
                reason: newer.status == .deployed
                    ? "revision \(newer.id) of another deploy is newer and DEPLOYED"
                    : "revision \(newer.id) of another deploy is in progress (\(newer.status)) and will replace it")
        }
        if situation.undone?.cause == .mismatch, situation.active == target {
            return .leave(reason: "the previous revision is still live")
        }
        return .redeploy(situation.liveJustBefore?.id ?? target)
    }
}

extension RollbackDecision.Situation {
    /// The newest revision that somebody else has made since, and that may go live or has.
    fileprivate var newerOfOthers: Revision? {
        revisions.first { revision in
            guard revision.status.mayGoLive, isOfOthers(revision) else { return false }
            if revision.status == .deployed { return isMadeSince(revision) && !isOlderThanOurs(revision) }
            return isMadeSince(revision) || isNewerThanActive(revision)
        }
    }

    /// What somebody else got live between the last read and ours: it, not the target, is what served before ours. Where
    /// it is newer than ours, nothing is rolled back.
    fileprivate var liveJustBefore: Revision? {
        guard undone != nil, known != nil else { return nil }
        return revisions.first { $0.status == .deployed && isOfOthers($0) && isMadeSince($0) }
    }

    /// Whether a rollback may take the place of what is live.
    fileprivate func mayBeReplaced(_ active: RevisionID) -> Bool {
        guard let undone else { return active == previous || active == target }
        if active == previous || active == target { return true }
        return revisions.first { $0.id == active }.map { !isOfOthers($0) } ?? (active == undone.revision.revision)
    }

    private func isOfOthers(_ revision: Revision) -> Bool {
        guard revision.id != target else { return false }
        guard let ours = undone?.revision else { return true }
        if revision.id == ours.revision { return false }
        // A request that was repeated may have made several.
        return
            !(ours.isRepeated == true && isMadeSince(revision) && isMadeBesideOurs(revision)
            && ours.isMade(like: revision))
    }

    /// What a repeated request made twice was made within the time that the first one may have been under way.
    private func isMadeBesideOurs(_ revision: Revision) -> Bool {
        let own = revisions.first { $0.id == undone?.revision.revision }
        guard let date = revision.createdAt?.date, let ours = own?.createdAt?.date else { return true }
        let limit = Reconciliation.longestUnderWay
        return (undone?.revision.isNamed == true ? 0...limit : -limit...limit).contains(ours.timeIntervalSince(date))
    }

    private func isMadeSince(_ revision: Revision) -> Bool {
        if let known { return !known.contains(revision.id) }
        return place(of: revision.id) < min(place(of: undone?.revision.revision), place(of: target))
    }

    private func isOlderThanOurs(_ revision: Revision) -> Bool {
        undone.map { place(of: $0.revision.revision) < place(of: revision.id) } ?? false
    }

    private func isNewerThanActive(_ revision: Revision) -> Bool {
        place(of: revision.id) < place(of: active)
    }

    /// From the newest one on; behind the last for one that is not listed.
    private func place(of id: RevisionID?) -> Int {
        revisions.firstIndex { $0.id == id } ?? revisions.endIndex
    }
}

extension TrackedRevision {
    /// Whether the request that made this one made the other too; what is not known yet may be somebody else's.
    fileprivate func isMade(like revision: Revision) -> Bool {
        if let image { return revision.image.map { ImageReference(image).isSame(as: $0) } ?? false }
        guard let sha, let built = revision.commitSHA else { return false }
        return CommitName.isSame(sha, built)
    }
}
