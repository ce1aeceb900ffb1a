import Clocks

/// Tells, once, that half of the time is over (docs/failures.md, row 21).
struct HalfTimeReminder: Sendable {
    private let middle: MonotonicInstant?
    private var hasTold = false

    /// Without an end there is no half.
    init(from start: MonotonicInstant, to end: MonotonicInstant?) {
        middle = end.map { start.advanced(by: start.duration(to: $0) / 2) }
    }

    mutating func isHalfOver(at now: MonotonicInstant) -> Bool {
        guard let middle, !hasTold, now >= middle else { return false }
        hasTold = true
        return true
    }
}
