import FoundationEssentials

/// The control plane's time, from the `Date` of its responses: the clocks of two machines differ
/// (docs/failures.md, row 41).
final class ServerTime: Sendable {
    /// How far the control plane's clock is ahead, in seconds.
    private let offset = Locked<Double>(0)

    /// `local` is the local time at which the response arrived.
    func take(_ response: HTTPResponse, at local: Date) {
        guard let date = response.header("Date").flatMap(RetryAfter.date) else { return }
        offset.withLock { $0 = date.timeIntervalSince(local) }
    }

    /// The local time until a response contained a date.
    func date(at local: Date) -> Date { local.addingTimeInterval(offset.withLock(\.self)) }
}
