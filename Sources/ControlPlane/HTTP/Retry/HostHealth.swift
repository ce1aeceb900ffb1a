import Clocks

/// What the requests to one host have found out together.
struct HostHealth: Sendable {
    private(set) var hasAnswered = false
    /// No request goes out before this.
    private(set) var pausedUntil: MonotonicInstant?
    private var outageBegan: MonotonicInstant?

    mutating func note(_ outcome: RetryPolicy.Outcome, at now: MonotonicInstant) -> TransportNotice? {
        guard case .success = outcome else { return nil }
        hasAnswered = true
        guard !outcome.isTransient, let began = outageBegan else { return nil }
        outageBegan = nil
        return .recovered(after: began.duration(to: now))
    }

    /// Nil when this outage is known already.
    mutating func beginOutage(_ reason: String, at now: MonotonicInstant) -> TransportNotice? {
        guard outageBegan == nil else { return nil }
        outageBegan = now
        return .outageBegan(reason)
    }

    /// Nil when a pause is being kept already; the longer one counts.
    mutating func pause(_ duration: Duration, at now: MonotonicInstant) -> TransportNotice? {
        let isNews = (pausedUntil ?? now) <= now
        pausedUntil = max(pausedUntil ?? now, now.advanced(by: duration))
        return isNews ? .rateLimited(for: duration) : nil
    }
}
