package import ControlPlaneTypes
import Engine
package import FoundationEssentials
import Reports

/// What the records alone tell of one deployment, without its list of revisions.
package struct RecordedChanges: Sendable {
    /// How a change ended; the words are those of `slipway history --output json`.
    package enum Outcome: String, Sendable {
        case deployed
        case rolledBack = "rolled_back"
        case failed
        case interrupted
        case deleted
        /// A process on this machine makes it.
        case running
        /// The process that made it ended before its run did.
        case unfinished
        /// It was requested, and no record says how it ended.
        case unknown
    }

    package struct Change: Sendable {
        package let record: ChangeRecord
        package let outcome: Outcome
        /// When it ended, else when it began; nil where the clock of its machine was wrong.
        package let date: Date?
    }

    package static let none = RecordedChanges([], now: .distantPast)

    /// Oldest first.
    package let changes: [Change]
    /// As the record of the run that made them has them, else the newest one that knows them.
    private var revisions: [String: ChangeRecord.Revision] = [:]

    /// The change that the live and the newest revision are known by; nil if no record here is about them.
    package let last: Change?
    /// The change that made the live revision live.
    package let ofLive: Change?
    /// When its run saw the live revision deployed; nil where no clock is to be believed.
    private let seenLive: Date?
    private let makers: RevisionMakers

    /// - Parameters:
    ///   - records: of one deployment, in any order.
    ///   - live: the live revision.
    ///   - latest: the newest revision.
    ///   - times: of the revisions that were read.
    ///   - now: the clock of a record that is later is wrong.
    package init(
        _ records: [ChangeRecord], live: String? = nil, latest: String? = nil, times: [String: RevisionTimes] = [:],
        now: Date
    ) {
        let now = times.latest(now)
        let unique = DatedRecord.unique(records, now: now)
        let makers = RevisionMakers(unique) { times[$0]?.createdAt }
        let dated = RecordOrder(live: live, latest: latest, makers: makers).sorted(unique)
        let changes = dated.map { dated in
            let outcome = dated.record.outcome(live: live, state: dated.record.progress(now: now))
            return Change(record: dated.record, outcome: outcome, date: dated.finished ?? dated.began)
        }
        (self.changes, self.makers) = (changes, makers)
        let bringer = live.flatMap { id in dated.last { $0.record.brings(id, makers) } }
        ofLive = live.flatMap { id in changes.last { $0.record.brings(id, makers) } }
        seenLive = live.flatMap { id in bringer?.deployment(of: bringer?.record.knows(id)) }
        // A change of a revision that is neither is older than what is live, however new its record is.
        last =
            changes.last { $0.outcome == .running }
            ?? changes.last { change in
                [live, latest].compactMap(\.self).contains { change.record.isAbout($0, makers) }
            }
        for dated in dated { add(dated) }
        for record in dated.map(\.record) where record.after?.revisionID != nil { addCommit(of: record) }
    }

    private mutating func add(_ dated: DatedRecord) {
        for revision in dated.record.revisions ?? [] where revision.role != "interrupted" {
            let maker = makers.maker(of: revision.id)
            revisions[revision.id] = maker?.record.knows(revision.id) ?? revision
            if (maker ?? dated).isAhead { revisions[revision.id]?.deployedAt = nil }
            // A run that did not see the end knows less than one that did.
            if revisions[revision.id]?.isFinal != true, revision.isFinal {
                revisions[revision.id]?.status = revision.status
            }
        }
    }

    /// When the live revision went live; nil if neither its times nor a record tells.
    package func wentLive(_ times: RevisionTimes) -> Date? { times.wentLive(seenAt: seenLive) }

    /// The same where the revision was not read: no deployment is live before it was created.
    package func wentLive(inDeploymentCreatedAt created: Date?) -> Date? {
        seenLive.flatMap { $0 >= created ?? .distantPast ? $0 : nil }
    }

    package func revision(_ id: String) -> ChangeRecord.Revision? { revisions[id] }

    /// Its status, if it is one that a revision keeps.
    package func finalStatus(of id: String) -> RevisionStatus? {
        revisions[id].flatMap { $0.isFinal ? $0.status.map { RevisionStatus(rawValue: $0) } : nil }
    }

    /// What a rollback that made the revision took away.
    package func undone(by revision: String) -> String? {
        changes.last { $0.record.restoringRevision == revision && $0.record.brings(revision, makers) }?
            .record.undoneRevision
    }

    /// The newest rollback that took the revision away.
    package func undoing(_ revision: String) -> Change? {
        changes.last { $0.record.rollback?.result == "success" && $0.record.undoneRevision == revision }
    }

    /// What was live after a run is known though the run made no revision, as one that found its commit live already.
    private mutating func addCommit(of record: ChangeRecord) {
        guard let after = record.after, let id = after.revisionID, let commit = after.commitSHA else { return }
        var revision =
            revisions[id] ?? ChangeRecord.Revision(id: id, role: "live", status: RevisionStatus.deployed.rawValue)
        revision.commitSHA = revision.commitSHA ?? commit
        revisions[id] = revision
    }
}

/// Puts the changes of a deployment in order, also those whose clock says nothing: each came after what it knew, and the
/// control plane says which revision is the newest.
private struct RecordOrder {
    let live: String?
    let latest: String?
    let makers: RevisionMakers

    /// - Parameter records: in the order of their clocks.
    func sorted(_ records: [DatedRecord]) -> [DatedRecord] {
        var moments: [String: Date] = [:]
        for dated in records where dated.began != nil {
            for id in dated.record.madeRevisions { moments[id] = dated.moment }
        }
        let keyed = records.enumerated().map { index, dated in
            (dated, (moment(of: dated, moments), dated.isAhead ? 1 : 0, index))
        }
        return keyed.sorted { $0.1 < $1.1 }.map(\.0)
    }

    private func moment(of dated: DatedRecord, _ moments: [String: Date]) -> Date {
        guard dated.isAhead else { return dated.moment }
        if latest.map({ dated.record.isAbout($0, makers) }) == true
            || live.map({ dated.record.brings($0, makers) }) == true
        {
            return .distantFuture
        }
        return dated.record.earlierRevisions.compactMap { moments[$0] }.max() ?? .distantPast
    }
}

extension ChangeRecord {
    /// Whether it made the revision, or made it live again.
    fileprivate func brings(_ revision: String, _ makers: RevisionMakers) -> Bool {
        if redeploysInPlace, rollback?.revisionID == revision { return true }
        return madeRevisions.contains(revision) && makers.maker(of: revision)?.record.identity == identity
    }

    fileprivate func isAbout(_ revision: String, _ makers: RevisionMakers) -> Bool {
        brings(revision, makers) || (kind == .interruption && knows(revision) != nil)
    }

    fileprivate func outcome(live: String?, state: RunProgress) -> RecordedChanges.Outcome {
        switch kind {
        case .deletion?: return .deleted
        case .interruption?: return .interrupted
        default:
            return state == .running ? .running : known(live: live) ?? (state == .unfinished ? .unfinished : .unknown)
        }
    }

    /// What the record or the control plane says of its end.
    private func known(live: String?) -> RecordedChanges.Outcome? {
        if let rollback, rollback.result == "success" { return .rolledBack }
        if rollback?.revisionID != nil, isLive(restoringRevision, live) { return .rolledBack }
        let own = revisions?.last { $0.role == (rollback == nil ? "ours" : "rollback") }
        if own?.isInProgress == true, !hasFailed, !isLive(own?.id, live) { return nil }
        guard rollback == nil else { return verdict == nil || rollback?.result == nil ? nil : .failed }
        if own?.status == RevisionStatus.deployed.rawValue || isLive(own?.id, live) {
            return verdict == nil || verdict == Self.success ? .deployed : .failed
        }
        guard let verdict else { return nil }
        return verdict == Self.success ? nil : .failed
    }

    /// Whether its run judged it. One that timed out or was cancelled gave up while the control plane was still at it.
    private var hasFailed: Bool { verdict.flatMap { Verdict(rawValue: $0) }?.outcome == .failure }

    private static let success = "success"

    private func isLive(_ revision: String?, _ live: String?) -> Bool { revision != nil && revision == live }
}

extension ChangeRecord.Revision {
    /// Whether its status is one that a revision keeps.
    fileprivate var isFinal: Bool { status.map { RevisionStatus(rawValue: $0).isTerminal } ?? false }

    /// Whether it had not ended when it was last seen.
    fileprivate var isInProgress: Bool { status.map { RevisionStatus(rawValue: $0).isInProgress } ?? false }
}
