import Clocks
import Redaction

/// Spaces the requests about a resource after one that failed: at most ten a second, whatever a server responds.
///
/// Good responses cost nothing, so a burst of them is not slowed down.
struct RequestSpacing: Sendable {
    /// What shares the limit, such as one deployment of one control plane.
    struct Key: Hashable, Sendable {
        var origin: Origin
        var resource: String
    }

    static let interval = Duration.milliseconds(100)

    private var next: [Key: MonotonicInstant] = [:]

    /// When the next request may be sent; nil for at once.
    func earliest(_ key: Key, after now: MonotonicInstant) -> MonotonicInstant? {
        next[key].flatMap { $0 > now ? $0 : nil }
    }

    /// Takes the time that `earliest` returns, so that concurrent requests do not share it.
    mutating func reserve(_ key: Key, at now: MonotonicInstant) {
        next[key] = earliest(key, after: now)?.advanced(by: Self.interval)
    }

    mutating func noteFailure(_ key: Key, sentAt time: MonotonicInstant) {
        let end = time.advanced(by: Self.interval)
        next[key] = max(next[key] ?? end, end)
    }
}
