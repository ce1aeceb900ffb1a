import Clocks

/// Reports, once, that half of the timeout has passed (docs/failures.md, row 21).
struct HalfTimeReminder: Sendable {
    private let middle: MonotonicInstant?
    private var isDone = false

    /// Without an end there is no half.
    init(from start: MonotonicInstant, to end: MonotonicInstant?) {
        middle = end.map { start.advanced(by: start.duration(to: $0) / 2) }
    }

    mutating func isHalfOver(at now: MonotonicInstant) -> Bool {
        guard let middle, !isDone, now >= middle else { return false }
        isDone = true
        return true
    }
}
