package import ControlPlaneTypes
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
    /// As the newest record that knows them has them.
    private var revisions: [String: ChangeRecord.Revision] = [:]

    /// The change that the live and the newest revision are known by; nil if no record here is about them.
    package let last: Change?
    /// The change that made the live revision live.
    package let ofLive: Change?

    /// - Parameters:
    ///   - records: of one deployment, in any order.
    ///   - live: the live revision.
    ///   - latest: the newest revision.
    ///   - now: the clock of a record that is later is wrong.
    package init(_ records: [ChangeRecord], live: String? = nil, latest: String? = nil, now: Date) {
        let dated = RecordOrder(live: live, latest: latest).sorted(DatedRecord.unique(records, now: now))
        let changes = dated.map { dated in
            let outcome = dated.record.outcome(live: live, state: dated.record.progress(now: now))
            return Change(record: dated.record, outcome: outcome, date: dated.finished ?? dated.began)
        }
        self.changes = changes
        ofLive = live.flatMap { id in changes.last { $0.record.brings(id) } }
        // A change of a revision that is neither is older than what is live, however new its record is.
        last =
            changes.last { $0.outcome == .running }
            ?? changes.last { [live, latest].compactMap(\.self).contains(where: $0.record.isAbout) }
        for dated in dated {
            for revision in dated.record.revisions ?? [] where revision.role != "interrupted" {
                revisions[revision.id] = revision
                if dated.isAhead { revisions[revision.id]?.deployedAt = nil }
            }
        }
        for record in dated.map(\.record) where record.after?.revisionID != nil { addCommit(of: record) }
    }

    package func revision(_ id: String) -> ChangeRecord.Revision? { revisions[id] }

    /// Its status, if it is one that a revision keeps.
    package func finalStatus(of id: String) -> RevisionStatus? {
        revisions[id]?.status.map { RevisionStatus(rawValue: $0) }.flatMap { $0.isTerminal ? $0 : nil }
    }

    /// What a rollback that made the revision took away.
    package func undone(by revision: String) -> String? {
        changes.last { $0.record.rollback?.revisionID == revision }?.record.undoneRevision
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
        if latest.map(dated.record.isAbout) == true || live.map(dated.record.brings) == true { return .distantFuture }
        return dated.record.earlierRevisions.compactMap { moments[$0] }.max() ?? .distantPast
    }
}

extension ChangeRecord {
    /// Whether it made the revision, or made it live again.
    fileprivate func brings(_ revision: String) -> Bool {
        madeRevisions.contains(revision) || rollback?.revisionID == revision
    }

    fileprivate func isAbout(_ revision: String) -> Bool {
        brings(revision) || (kind == .interruption && knows(revision) != nil)
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
        if let rollback, rollback.result == "success" || isLive(rollback.revisionID, live) { return .rolledBack }
        guard rollback == nil else { return verdict == nil || rollback?.result == nil ? nil : .failed }
        let own = revisions?.last { $0.role == "ours" }
        if own?.status == RevisionStatus.deployed.rawValue || isLive(own?.id, live) {
            return verdict == nil || verdict == Self.success ? .deployed : .failed
        }
        guard let verdict else { return nil }
        return verdict == Self.success ? nil : .failed
    }

    private static let success = "success"

    private func isLive(_ revision: String?, _ live: String?) -> Bool { revision != nil && revision == live }
}
