/// A point on a clock that never goes back and counts suspended time too, in nanoseconds since an arbitrary start.
package struct MonotonicInstant: InstantProtocol, Hashable, Sendable {
    package let sinceStart: Duration

    package init(sinceStart: Duration) {
        self.sinceStart = sinceStart
    }

    package func advanced(by duration: Duration) -> MonotonicInstant {
        MonotonicInstant(sinceStart: sinceStart + duration)
    }

    package func duration(to other: MonotonicInstant) -> Duration {
        other.sinceStart - sinceStart
    }

    package static func < (left: MonotonicInstant, right: MonotonicInstant) -> Bool {
        left.sinceStart < right.sinceStart
    }
}
