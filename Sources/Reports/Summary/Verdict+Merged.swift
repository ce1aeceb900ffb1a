package import Engine

extension Verdict {
    /// What several runs come to together: a failed rollback beats an order to stop, that beats the first failure.
    /// Nil while one of them has not ended and none went wrong.
    package static func merged(_ verdicts: [Verdict?]) -> Verdict? {
        let known = verdicts.compactMap(\.self)
        let worst =
            known.first { $0 == .rollbackFailed } ?? known.first { $0.outcome == .cancellation }
            ?? known.first { $0.outcome != .success }
        guard worst == nil else { return worst }
        return known.count == verdicts.count ? known.first { $0 != .success } ?? .success : nil
    }
}
