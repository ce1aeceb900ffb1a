import Clocks

/// What requests to a host learned about it, shared by all of them.
struct HostHealth: Sendable {
    /// Whether it has ever responded, with whatever.
    private(set) var hasAnswered = false
    /// No request is sent before this.
    private(set) var pausedUntil: MonotonicInstant?
    private var outageBegan: MonotonicInstant?

    /// `isTransient`: the outcome is a failure that may pass.
    mutating func note(
        _ outcome: RetryPolicy.Outcome, isTransient: Bool, at now: MonotonicInstant
    ) -> TransportNotice? {
        guard case .success = outcome else { return nil }
        hasAnswered = true
        guard !isTransient, let began = outageBegan else { return nil }
        outageBegan = nil
        return .recovered(after: began.duration(to: now))
    }

    /// Returns nil if this outage is already known.
    mutating func beginOutage(_ reason: String, at now: MonotonicInstant) -> TransportNotice? {
        guard outageBegan == nil else { return nil }
        outageBegan = now
        return .outageBegan(reason)
    }

    /// Extends the pause; returns nil if one is already in effect.
    mutating func pause(_ duration: Duration, at now: MonotonicInstant) -> TransportNotice? {
        let isNews = (pausedUntil ?? now) <= now
        pausedUntil = max(pausedUntil ?? now, now.advanced(by: duration))
        return isNews ? .rateLimited(for: duration) : nil
    }
}

/// A change in the connection to the server, for progress output.
package enum TransportNotice: Sendable, Equatable {
    /// The first of consecutive failures; retries continue.
    case outageBegan(String)
    /// The first good response after an outage of this length.
    case recovered(after: Duration)
    /// The server requested a pause, which applies to all requests to it.
    case rateLimited(for: Duration)
}
