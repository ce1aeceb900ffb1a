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

        fileprivate var times: RevisionTimes { RevisionTimes(createdAt: createdAt, updatedAt: updatedAt) }

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
    ///   - now: the time of this machine. The clock of a record that is later is wrong.
    package init(
        deployment: String, revisions: [ListedRevision], isComplete: Bool = true, live: String?,
        records: [ChangeRecord], now: Date
    ) {
        let times = Dictionary(revisions.map { ($0.id, $0.times) }) { first, _ in first }
        let now = times.latest(now)
        let own = DatedRecord.unique(records.filter { $0.deployment.id == deployment }, now: now)
        let makers = RevisionMakers(own) { times[$0]?.createdAt }
        let listed = Self.rows(of: revisions, makers)
        let others = Self.rowsOfRecords(own, makers, beside: listed, revisions, isComplete: isComplete, now: now)
        // At the same time, what no revision tells came after the one that it knew.
        let rows = (others + listed).enumerated().sorted { one, other in
            (one.element.date, other.offset) > (other.element.date, one.offset)
        }
        var entries = rows.map(\.element.entry)
        LivePeriods(live: live).fill(&entries)
        self.entries = entries
    }
}

extension HistoryTimeline {
    private struct Row {
        var date: Date
        var entry: HistoryEntry
    }

    private static func rows(of revisions: [ListedRevision], _ makers: RevisionMakers) -> [Row] {
        var last = Date.distantPast
        // Upwards, so that each is dated no earlier than the one below it: the order is the control plane's.
        return revisions.reversed().map { revision in
            last = max(last, revision.createdAt ?? last)
            return Row(date: last, entry: entry(of: revision, makers.maker(of: revision.id)))
        }.reversed()
    }

    private static func entry(of revision: ListedRevision, _ maker: DatedRecord?) -> HistoryEntry {
        let record = maker?.record
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
        if revision.status == .deployed, let from = revision.times.wentLive(seenAt: maker?.deployment(of: known)) {
            entry.live = HistoryEntry.Period(from: from)
        }
        return entry
    }

    /// What the list of revisions does not show: redeploys of the same revision, changes without one, and revisions that
    /// the control plane has removed.
    private static func rowsOfRecords(
        _ records: [DatedRecord], _ makers: RevisionMakers, beside rows: [Row], _ revisions: [ListedRevision],
        isComplete: Bool, now: Date
    ) -> [Row] {
        let listed = Dictionary(revisions.map { ($0.id, $0) }) { first, _ in first }
        let places = Dictionary(rows.map { ($0.entry.revisionID, $0.date) }) { first, _ in first }
        // Records of revisions behind the list that was read would look like removed ones.
        let start = isComplete ? Date.distantPast : revisions.last?.createdAt ?? .distantPast
        let dated = records.map { dated in
            // It came after what it knew, whatever its clock said, and nothing comes after a deletion.
            let isLast = dated.record.kind == .deletion && dated.began == nil
            let earlier = dated.record.earlierRevisions.compactMap { places[$0] }
            return (dated, place: isLast ? now : ([dated.moment] + earlier).max() ?? dated.moment)
        }
        return dated.filter { $0.place >= start }.flatMap { dated, place -> [Row] in
            let record = dated.record
            if record.kind == .interruption || record.kind == .deletion { return [withoutRevision(dated, place)] }
            var rows: [Row] = []
            if record.redeploysInPlace, let target = record.rollback?.toRevisionID {
                rows.append(redeploy(of: target, listed[target], dated, place))
            }
            let made = record.madeRevisions
            for revision in record.revisions ?? []
            where listed[revision.id] == nil && made.contains(revision.id) && makers.isMaker(record, of: revision.id) {
                rows.append(removed(revision, dated, place))
            }
            if made.isEmpty, rows.isEmpty { rows.append(withoutRevision(dated, place)) }
            return rows
        }
    }

    private static func redeploy(
        of target: String, _ revision: ListedRevision?, _ dated: DatedRecord, _ place: Date
    ) -> Row {
        let record = dated.record
        var entry = HistoryEntry(kind: .rolledBack(from: record.undoneRevision, to: target), revisionID: target)
        (entry.record, entry.isListed) = (record, revision != nil)
        entry.status = revision?.status.rawValue ?? record.knows(target)?.status
        entry.commitSHA = revision?.commitSHA ?? record.knows(target)?.commitSHA
        entry.image = revision?.image
        entry.createdAt = dated.began
        let end = dated.deployment(of: record.knows(target)) ?? dated.finished
        if record.rollback?.result == "success" { entry.live = HistoryEntry.Period(from: max(end ?? place, place)) }
        return Row(date: max(end ?? place, place), entry: entry)
    }

    private static func removed(_ revision: ChangeRecord.Revision, _ dated: DatedRecord, _ place: Date) -> Row {
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
        let deployed = dated.deployment(of: revision)
        if isDeployed, let from = deployed ?? dated.finished {
            entry.live = HistoryEntry.Period(from: max(from, place))
        }
        return Row(date: max(deployed ?? place, place), entry: entry)
    }

    private static func withoutRevision(_ dated: DatedRecord, _ place: Date) -> Row {
        let record = dated.record
        var entry = HistoryEntry(kind: .unknown)
        if record.kind == .deletion { entry.kind = .deleted }
        if record.kind == .interruption {
            (entry.kind, entry.revisionID) = (.interrupted, record.revisions?.first?.id)
        }
        (entry.record, entry.commitSHA, entry.isListed) = (record, record.commitSHA, false)
        entry.createdAt = dated.finished ?? dated.began
        return Row(date: place, entry: entry)
    }
}
