import ControlPlaneTypes
import Engine
import FoundationEssentials

extension ChangeRecords {
    /// Records of both kinds: of a run on this machine only its own journal counts, whatever a note says of it.
    package static func joined(journals: [ChangeRecord], notes: [ChangeRecord]) -> [ChangeRecord] {
        let own = Set(journals.map(\.runID))
        return notes.filter { !own.contains($0.runID) } + journals
    }
}

/// A record whose times were read once: reading them is slow.
struct DatedRecord: Sendable {
    /// Clocks of machines differ by less (seconds).
    private static let tolerance = 60.0

    let record: ChangeRecord
    /// Whether the clock of its machine was ahead, so that its times say nothing.
    let isAhead: Bool
    /// Nil if it is missing or wrong.
    let began: Date?
    let finished: Date?
    /// The times as they were written, for comparing records of one machine with each other.
    private let written: (began: Date, finished: Date)
    private let now: Date

    init(_ record: ChangeRecord, now: Date) {
        (self.record, self.now) = (record, now)
        let end = record.finishedAt?.date
        let start = record.startedAt?.date ?? end
        isAhead = [start, end].contains { $0.map { $0.timeIntervalSince(now) > Self.tolerance } ?? false }
        (began, finished) = isAhead ? (nil, nil) : (start.map { min($0, now) }, end.map { min($0, now) })
        written = (start ?? .distantPast, end ?? .distantPast)
    }

    /// When it began, for the order of changes.
    var moment: Date { began ?? .distantPast }

    /// When the run saw the revision deployed, where its clock is to be believed.
    func deployment(of revision: ChangeRecord.Revision?) -> Date? {
        isAhead ? nil : revision?.deployedAt?.date.flatMap { $0 <= now ? $0 : nil }
    }

    func isReplaced(by other: DatedRecord) -> Bool {
        if written.finished != other.written.finished { return other.written.finished > written.finished }
        return (other.record.revisions?.count ?? 0) > (record.revisions?.count ?? 0)
    }

    func isEarlier(than other: DatedRecord) -> Bool {
        (moment, written.began, record.runID) < (other.moment, other.written.began, other.record.runID)
    }

    /// Of several records of one change the one that knows most, oldest first: a resumed run replaces what it said before.
    static func unique(_ records: [ChangeRecord], now: Date) -> [DatedRecord] {
        var newest: [ChangeRecord.Identity: DatedRecord] = [:]
        for record in records.map({ DatedRecord($0, now: now) }) {
            let identity = record.record.identity
            if newest[identity].map({ $0.isReplaced(by: record) }) ?? true { newest[identity] = record }
        }
        return newest.values.sorted { $0.isEarlier(than: $1) }
    }
}

extension ChangeRecord {
    /// The revision that brought the target back, or may yet; nil where the rollback failed, whatever its revision became.
    var restoringRevision: String? {
        rollback.flatMap { $0.result == Outcome.failure.rawValue ? nil : $0.revisionID ?? $0.toRevisionID }
    }

    /// Whether the redeploy made no revision: the target itself went live again.
    var redeploysInPlace: Bool {
        guard let rollback, let target = rollback.toRevisionID else { return false }
        return rollback.revisionID == target
    }

    /// Without one that was redeployed in place, or only interrupted.
    var madeRevisions: [String] {
        guard kind != .interruption else { return [] }
        let made = (revisions ?? []).map(\.id) + [rollback?.revisionID].compactMap(\.self)
        return redeploysInPlace ? made.filter { $0 != rollback?.toRevisionID } : made
    }

    /// The revisions that were there before the change.
    var earlierRevisions: [String] {
        let interrupted = kind == .interruption ? (revisions ?? []).map(\.id) : []
        return [before?.revisionID, rollback?.toRevisionID].compactMap(\.self) + interrupted
    }

    func knows(_ revision: String) -> Revision? { revisions?.last { $0.id == revision } }

    /// What the rollback took away.
    var undoneRevision: String? {
        revisions?.last { $0.role == "ours" }?.id ?? before?.revisionID
    }
}
