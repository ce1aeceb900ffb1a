import FoundationEssentials

/// What time it is at the control plane, by the `Date` of its answers: clocks of two machines differ
/// (docs/failures.md, row 41).
final class ServerTime: Sendable {
    /// Seconds that its clock is ahead of ours.
    private let offset = Locked<Double>(0)

    /// `local` is when the answer came, by our clock.
    func take(_ response: HTTPResponse, at local: Date) {
        guard let date = response.header("Date").flatMap(RetryAfter.date) else { return }
        offset.withLock { $0 = date.timeIntervalSince(local) }
    }

    /// Ours as long as it has not said.
    func date(at local: Date) -> Date { local.addingTimeInterval(offset.withLock(\.self)) }
}
