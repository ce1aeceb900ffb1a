package import ControlPlaneTypes
package import FoundationEssentials

/// A change of a deployment, or a revision that no record is about.
package struct HistoryEntry: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case deployed
        /// The revision has not ended, or its end is unknown.
        case pending
        /// It never was live.
        case failed
        case rolledBack(from: String?, to: String?)
        /// Somebody interrupted the revision.
        case interrupted
        case deleted
        /// The run may have changed something, but no revision of it is known.
        case unknown
    }

    package struct Period: Sendable, Equatable {
        package var from: Date
        /// Nil for what is live, and where the end is unknown.
        package var to: Date?

        package init(from: Date, to: Date? = nil) { (self.from, self.to) = (from, to) }
    }

    package var kind: Kind
    /// Nil for a change without a revision.
    package var revisionID: String?
    package var status: String?
    package var commitSHA: String?
    package var image: String?
    package var createdAt: Date?
    /// Nil for what never was live.
    package var live: Period?
    package var isLive = false
    /// Whether the control plane still lists the revision.
    package var isListed = true
    /// Nil for what only the control plane knows.
    package var record: ChangeRecord?

    package init(kind: Kind, revisionID: String? = nil) { (self.kind, self.revisionID) = (kind, revisionID) }
}

/// Joins the revisions of a deployment with the records of the runs that changed it. Pure.
///
/// The control plane has the last word about order and about what is live: clocks of machines differ, and records may be
/// missing, doubled, out of order or from another clone.
package struct HistoryTimeline: Sendable {
    /// A revision as the control plane lists it.
    package struct ListedRevision: Sendable, Equatable {
        package var id: String
        package var status: RevisionStatus
        package var commitSHA: String?
        package var image: String?
        package var createdAt: Date?
        package var updatedAt: Date?
        /// What it took away and brought back, as far as its code tells; nil for one that is not a rollback.
        package var rollback: (from: String, to: String)?

        package init(id: String, status: RevisionStatus) { (self.id, self.status) = (id, status) }

        package static func == (one: Self, other: Self) -> Bool {
            one.id == other.id && one.status == other.status && one.commitSHA == other.commitSHA
                && one.image == other.image && one.createdAt == other.createdAt && one.updatedAt == other.updatedAt
                && one.rollback?.from == other.rollback?.from && one.rollback?.to == other.rollback?.to
        }
    }

    /// Newest first.
    package let entries: [HistoryEntry]

    /// - Parameters:
    ///   - revisions: newest first, as the control plane lists them; may end before the first one.
    ///   - isComplete: whether no older revision exists.
    ///   - live: the live revision.
    ///   - records: of any deployment, in any order.
    package init(
        deployment: String, revisions: [ListedRevision], isComplete: Bool = true, live: String?, records: [ChangeRecord]
    ) {
        let own = DatedRecord.unique(records.filter { $0.deployment.id == deployment })
        var rows = Self.rows(of: revisions, records: RecordIndex(own.map(\.record)))
        rows += Self.rowsOfRecords(own, revisions: revisions, isComplete: isComplete)
        rows.sort { $0.date > $1.date }
        var entries = rows.map(\.entry)
        LivePeriods(live: live).fill(&entries)
        self.entries = entries
    }
}

extension ChangeRecord {
    /// The revision that brought the target back.
    fileprivate var restoringRevision: String? { rollback.flatMap { $0.revisionID ?? $0.toRevisionID } }

    /// Whether the redeploy made no revision: the target itself went live again.
    fileprivate var redeploysInPlace: Bool {
        guard let rollback, let target = rollback.toRevisionID else { return false }
        return rollback.revisionID == target
    }

    /// Without one that was redeployed in place, or only interrupted.
    fileprivate var madeRevisions: [String] {
        guard kind != .interruption else { return [] }
        let made = (revisions ?? []).map(\.id) + [rollback?.revisionID].compactMap(\.self)
        return redeploysInPlace ? made.filter { $0 != rollback?.toRevisionID } : made
    }

    fileprivate func knows(_ revision: String) -> Revision? { revisions?.last { $0.id == revision } }

    /// What the rollback took away.
    var undoneRevision: String? {
        revisions?.last { $0.role == "ours" }?.id ?? before?.revisionID
    }
}

/// Which record made a revision.
private struct RecordIndex {
    private var makers: [String: ChangeRecord] = [:]

    /// - Parameter records: oldest first.
    init(_ records: [ChangeRecord]) {
        for record in records {
            for id in record.madeRevisions where makers[id] == nil { makers[id] = record }
        }
    }

    func maker(of revision: String) -> ChangeRecord? { makers[revision] }
}

extension HistoryTimeline {
    private struct Row {
        var date: Date
        var entry: HistoryEntry
    }

    private static func rows(of revisions: [ListedRevision], records: RecordIndex) -> [Row] {
        var last = Date.distantPast
        // Upwards, so that each is dated no earlier than the one below it: the order is the control plane's.
        return revisions.reversed().map { revision in
            last = max(last, revision.createdAt ?? last)
            return Row(date: last, entry: entry(of: revision, records.maker(of: revision.id)))
        }.reversed()
    }

    private static func entry(of revision: ListedRevision, _ record: ChangeRecord?) -> HistoryEntry {
        var entry = HistoryEntry(kind: .pending, revisionID: revision.id)
        (entry.status, entry.commitSHA, entry.image) = (revision.status.rawValue, revision.commitSHA, revision.image)
        (entry.createdAt, entry.record) = (revision.createdAt, record)
        let known = record?.knows(revision.id)
        entry.commitSHA = entry.commitSHA ?? known?.commitSHA ?? (known?.role == "ours" ? record?.commitSHA : nil)
        if revision.status.isFailure || revision.status == .skipped || revision.status == .interrupted {
            entry.kind = .failed
        } else if revision.status == .deployed {
            entry.kind = .deployed
            if let record, record.restoringRevision == revision.id {
                entry.kind = .rolledBack(from: record.undoneRevision, to: record.rollback?.toRevisionID)
            } else if record == nil, let rollback = revision.rollback {
                entry.kind = .rolledBack(from: rollback.from, to: rollback.to)
            }
        }
        if revision.status == .deployed, let from = known?.deployedAt?.date ?? revision.updatedAt ?? revision.createdAt
        {
            entry.live = HistoryEntry.Period(from: from)
        }
        return entry
    }

    /// What the list of revisions does not show: redeploys of the same revision, changes without one, and revisions that
    /// the control plane has removed.
    private static func rowsOfRecords(
        _ records: [DatedRecord], revisions: [ListedRevision], isComplete: Bool
    ) -> [Row] {
        let listed = Dictionary(revisions.map { ($0.id, $0) }) { first, _ in first }
        // Records of revisions behind the list that was read would look like removed ones.
        let start = isComplete ? Date.distantPast : revisions.last?.createdAt ?? .distantPast
        return records.filter { $0.began >= start }.flatMap { dated -> [Row] in
            let record = dated.record
            if record.kind == .interruption || record.kind == .deletion { return [withoutRevision(dated)] }
            var rows: [Row] = []
            if record.redeploysInPlace, let target = record.rollback?.toRevisionID {
                rows.append(redeploy(of: target, listed[target], dated))
            }
            let made = record.madeRevisions
            for revision in record.revisions ?? [] where listed[revision.id] == nil && made.contains(revision.id) {
                rows.append(removed(revision, dated))
            }
            if made.isEmpty, rows.isEmpty { rows.append(withoutRevision(dated)) }
            return rows
        }
    }

    private static func redeploy(of target: String, _ revision: ListedRevision?, _ dated: DatedRecord) -> Row {
        let record = dated.record
        var entry = HistoryEntry(kind: .rolledBack(from: record.undoneRevision, to: target), revisionID: target)
        (entry.record, entry.isListed) = (record, revision != nil)
        entry.status = revision?.status.rawValue ?? record.knows(target)?.status
        entry.commitSHA = revision?.commitSHA ?? record.knows(target)?.commitSHA
        entry.image = revision?.image
        entry.createdAt = dated.began
        let end = record.knows(target)?.deployedAt?.date ?? dated.finished
        if record.rollback?.result == "success", let end { entry.live = HistoryEntry.Period(from: end) }
        return Row(date: end ?? dated.began, entry: entry)
    }

    private static func removed(_ revision: ChangeRecord.Revision, _ dated: DatedRecord) -> Row {
        let record = dated.record
        let isRollback = record.restoringRevision == revision.id
        let isDeployed = revision.status == RevisionStatus.deployed.rawValue
        var entry = HistoryEntry(
            kind: isRollback
                ? .rolledBack(from: record.undoneRevision, to: record.rollback?.toRevisionID)
                : isDeployed ? .deployed : .failed,
            revisionID: revision.id)
        (entry.record, entry.isListed, entry.status) = (record, false, revision.status)
        entry.commitSHA = revision.commitSHA ?? (revision.role == "ours" ? record.commitSHA : nil)
        entry.createdAt = dated.began
        if isDeployed, let from = revision.deployedAt?.date ?? dated.finished {
            entry.live = HistoryEntry.Period(from: from)
        }
        return Row(date: revision.deployedAt?.date ?? dated.began, entry: entry)
    }

    private static func withoutRevision(_ dated: DatedRecord) -> Row {
        let record = dated.record
        var entry = HistoryEntry(kind: .unknown)
        if record.kind == .deletion { entry.kind = .deleted }
        if record.kind == .interruption {
            (entry.kind, entry.revisionID) = (.interrupted, record.revisions?.first?.id)
        }
        (entry.record, entry.commitSHA, entry.isListed) = (record, record.commitSHA, false)
        entry.createdAt = dated.finished ?? dated.began
        return Row(date: dated.began, entry: entry)
    }
}

/// Works out until when each revision was live.
private struct LivePeriods {
    let live: String?

    /// - Parameter entries: newest first.
    func fill(_ entries: inout [HistoryEntry]) {
        var next: Date?
        var isNewest = true
        for index in entries.indices {
            if entries[index].kind == .deleted { next = entries[index].createdAt ?? next }
            guard let from = entries[index].live?.from else { continue }
            // A later change of the revision may have moved its time behind that of its successor.
            let bounded = next.map { min(from, $0) } ?? from
            entries[index].live = HistoryEntry.Period(from: bounded, to: next)
            if isNewest, entries[index].revisionID == live { entries[index].isLive = true }
            isNewest = false
            next = bounded
        }
        markLive(&entries)
    }

    /// Where the newest deployed revision is not the live one, somebody made an older one live again without a trace.
    private func markLive(_ entries: inout [HistoryEntry]) {
        guard let live, !entries.contains(where: \.isLive),
            let index = entries.firstIndex(where: { $0.revisionID == live })
        else { return }
        entries[index].isLive = true
        entries[index].live?.to = nil
    }
}
