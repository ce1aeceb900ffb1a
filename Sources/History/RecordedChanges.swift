package import ControlPlaneTypes
package import FoundationEssentials

/// What the records alone tell of one deployment, without its list of revisions.
package struct RecordedChanges: Sendable {
    /// How a change ended; the words are those of `slipway history --output json`.
    package enum Outcome: String, Sendable {
        case deployed
        case rolledBack = "rolled_back"
        case failed
        case interrupted
        case deleted
        /// It was requested, and no record says how it ended.
        case unknown
    }

    package struct Change: Sendable {
        package let record: ChangeRecord
        package let outcome: Outcome
        /// When it ended, else when it began.
        package let date: Date?
    }

    /// Oldest first.
    package let changes: [Change]
    /// As the newest record that knows them has them.
    private var revisions: [String: ChangeRecord.Revision] = [:]

    /// - Parameters:
    ///   - records: of one deployment, in any order.
    ///   - live: the live revision.
    package init(_ records: [ChangeRecord] = [], live: String? = nil) {
        let dated = DatedRecord.unique(records)
        changes = dated.map { dated in
            let date = dated.finished ?? (dated.began == .distantPast ? nil : dated.began)
            return Change(record: dated.record, outcome: dated.record.outcome(live: live), date: date)
        }
        for revision in dated.flatMap({ $0.record.revisions ?? [] }) where revision.role != "interrupted" {
            revisions[revision.id] = revision
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

    /// What was live after a run is known though the run made no revision, as one that found its commit live already.
    private mutating func addCommit(of record: ChangeRecord) {
        guard let after = record.after, let id = after.revisionID, let commit = after.commitSHA else { return }
        var revision =
            revisions[id] ?? ChangeRecord.Revision(id: id, role: "live", status: RevisionStatus.deployed.rawValue)
        revision.commitSHA = revision.commitSHA ?? commit
        revisions[id] = revision
    }
}

extension ChangeRecord {
    fileprivate func outcome(live: String?) -> RecordedChanges.Outcome {
        switch kind {
        case .deletion?: return .deleted
        case .interruption?: return .interrupted
        default: break
        }
        if let rollback, rollback.result == "success" || isLive(rollback.revisionID, live) { return .rolledBack }
        guard rollback == nil else { return verdict == nil || rollback?.result == nil ? .unknown : .failed }
        let own = revisions?.last { $0.role == "ours" }
        if own?.status == RevisionStatus.deployed.rawValue || isLive(own?.id, live) {
            return verdict == nil || verdict == Self.success ? .deployed : .failed
        }
        guard let verdict else { return .unknown }
        return verdict == Self.success ? .unknown : .failed
    }

    private static let success = "success"

    private func isLive(_ revision: String?, _ live: String?) -> Bool { revision != nil && revision == live }
}
