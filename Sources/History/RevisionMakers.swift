package import FoundationEssentials

/// What the control plane says of the times of a revision.
package struct RevisionTimes: Sendable, Equatable {
    package var createdAt: Date?
    package var updatedAt: Date?

    package init(createdAt: Date? = nil, updatedAt: Date? = nil) {
        (self.createdAt, self.updatedAt) = (createdAt, updatedAt)
    }

    /// When a deployed revision went live: at its last change, or before, where it was changed again since.
    ///
    /// - Parameter seen: when a run saw it deployed, which may be much later, and says nothing of a wrong clock.
    package func wentLive(seenAt seen: Date?) -> Date? {
        guard let seen, seen >= createdAt ?? .distantPast else { return updatedAt ?? createdAt }
        return min(seen, updatedAt ?? seen)
    }
}

extension [String: RevisionTimes] {
    /// The time of this machine, unless the control plane's revisions show that its clock is behind.
    func latest(_ now: Date) -> Date {
        values.reduce(now) { Swift.max($0, $1.createdAt ?? $0, $1.updatedAt ?? $0) }
    }
}

/// Which record tells of a revision, where several say that their run made it.
package struct RevisionMakers: Sendable {
    /// Clocks of machines and of the control plane differ by less (seconds).
    private static let tolerance = 300.0

    /// Nil for a revision that none of those which say so has made.
    private var makers: [String: DatedRecord?] = [:]

    /// - Parameters:
    ///   - records: each change once, oldest first.
    ///   - created: when the control plane made a revision; nil where that is not known.
    init(_ records: [DatedRecord], created: (String) -> Date?) {
        var claims: [String: [DatedRecord]] = [:]
        for record in records {
            for id in Set(record.record.madeRevisions) { claims[id, default: []].append(record) }
        }
        makers = claims.reduce(into: [:]) {
            $0.updateValue(Self.maker(among: $1.value, created($1.key)), forKey: $1.key)
        }
    }

    /// - Parameters:
    ///   - records: of one deployment, in any order.
    ///   - times: of the revisions that were read.
    ///   - now: the clock of a record that is later is wrong.
    package init(_ records: [ChangeRecord], times: [String: RevisionTimes], now: Date) {
        self.init(DatedRecord.unique(records, now: times.latest(now))) { times[$0]?.createdAt }
    }

    func maker(of revision: String) -> DatedRecord? { makers[revision] ?? nil }

    /// Whether the revision is that of the record, as far as the records tell.
    package func isMaker(_ record: ChangeRecord, of revision: String) -> Bool {
        guard let maker = makers[revision] else { return true }
        return maker?.record.identity == record.identity
    }

    private static func maker(among records: [DatedRecord], _ created: Date?) -> DatedRecord? {
        let claims = records.compactMap { record in claim(record, created).map { (record, $0) } }
        return claims.min { $0.1 < $1.1 }?.0
    }

    /// The least counts: a journal of this machine before notes, which everybody who can push writes; then the run that
    /// began last before the revision. Nil for a run that began when the revision existed already.
    private static func claim(_ record: DatedRecord, _ created: Date?) -> (rank: Int, distance: Double)? {
        let isJournal = record.record.isBeingWritten != nil
        guard let began = record.began else { return (isJournal ? 0 : 1, .infinity) }
        guard let created else { return (isJournal ? 0 : 1, 0) }
        let isLate = began.timeIntervalSince(created) > tolerance
        // The clock of this machine may be the wrong one.
        if isLate { return isJournal ? (2, 0) : nil }
        return (isJournal ? 0 : 1, abs(created.timeIntervalSince(began)))
    }
}
