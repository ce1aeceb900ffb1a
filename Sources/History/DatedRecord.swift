import ControlPlaneTypes
import FoundationEssentials

extension ChangeRecords {
    /// Records of both kinds: of a run on this machine only its own journal counts, whatever a note says of it.
    package static func joined(journals: [ChangeRecord], notes: [ChangeRecord]) -> [ChangeRecord] {
        let own = Set(journals.map(\.runID))
        return notes.filter { !own.contains($0.runID) } + journals
    }
}

/// A record whose times were read once: reading them is slow.
struct DatedRecord {
    let record: ChangeRecord
    let began: Date
    let finished: Date?

    init(_ record: ChangeRecord) {
        self.record = record
        finished = record.finishedAt?.date
        began = record.startedAt?.date ?? finished ?? .distantPast
    }

    func isReplaced(by other: DatedRecord) -> Bool {
        let (mine, theirs) = (finished ?? .distantPast, other.finished ?? .distantPast)
        if mine != theirs { return theirs > mine }
        return (other.record.revisions?.count ?? 0) > (record.revisions?.count ?? 0)
    }

    /// Of several records of one change the one that knows most, oldest first: a resumed run replaces what it said before.
    static func unique(_ records: [ChangeRecord]) -> [DatedRecord] {
        var newest: [ChangeRecord.Identity: DatedRecord] = [:]
        for record in records.map(DatedRecord.init) {
            let identity = record.record.identity
            if newest[identity].map({ $0.isReplaced(by: record) }) ?? true { newest[identity] = record }
        }
        return newest.values.sorted { ($0.began, $0.record.runID) < ($1.began, $1.record.runID) }
    }
}
