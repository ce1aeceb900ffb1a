import Engine
import FoundationEssentials

/// Finds out which step waited for which revision.
struct RevisionWaits {
    private let steps: Set<StepAddress>
    /// Those that ran and did not go well, in order.
    private let unsettled: [StepSummary]
    private let hasSeveralRollouts: Bool

    init(_ summary: RunSummary) {
        let all = summary.steps
        steps = Set(all.map(\.address))
        unsettled = all.filter { !$0.attempts.isEmpty && !$0.didSucceed }
        hasSeveralRollouts = summary.hasSeveralRollouts
    }

    func awaited(_ revisions: [RevisionSummary]) -> [StepAddress: [RevisionSummary]] {
        var result: [StepAddress: [RevisionSummary]] = [:]
        for revision in revisions {
            if let waiter = waiter(for: revision) { result[waiter, default: []].append(revision) }
        }
        return result
    }

    /// Nil where nobody did.
    func waiter(for revision: RevisionSummary) -> StepAddress? {
        guard let last = revision.timeline.last else { return nil }
        if revision.isSettled { return last.seenBy.flatMap { steps.contains($0) ? $0 : nil } }
        let ended = unsettled.lazy.filter { ($0.finishedAt ?? .distantFuture) >= last.enteredAt }
        let own = ended.first { $0.job == last.seenBy?.job }
        return (own ?? (hasSeveralRollouts ? nil : ended.first))?.address
    }
}
