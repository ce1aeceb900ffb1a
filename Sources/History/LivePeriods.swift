import FoundationEssentials

/// Works out until when each revision was live.
struct LivePeriods {
    let live: String?

    /// - Parameter entries: newest first.
    func fill(_ entries: inout [HistoryEntry]) {
        var next: Date?
        var isNewest = true
        for index in entries.indices {
            if entries[index].kind == .deleted { next = entries[index].createdAt ?? next }
            guard let from = entries[index].live?.from else { continue }
            let bounded = next.map { bound(entries[index], from, $0) } ?? from
            entries[index].live = HistoryEntry.Period(from: bounded, to: next)
            if isNewest, entries[index].revisionID == live { entries[index].isLive = true }
            isNewest = false
            next = bounded
        }
        markLive(&entries)
    }

    /// A redeploy in place has moved the time of a revision behind that of its successor: when it went live at first is
    /// not known any more, but not before it was made.
    private func bound(_ entry: HistoryEntry, _ from: Date, _ next: Date) -> Date {
        from <= next ? from : min(entry.createdAt ?? next, next)
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
