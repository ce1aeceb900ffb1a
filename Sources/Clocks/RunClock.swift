package import FoundationEssentials

/// The time seam: deadlines and pauses are measured on `now`, stamps in reports come from `date`.
package protocol RunClock: Sendable {
    var now: MonotonicInstant { get }

    /// Wall-clock time, for stamps only; it may jump.
    var date: Date { get }

    /// Returns once `now` has reached `deadline`.
    ///
    /// Throws `CancellationError` as soon as the task is cancelled.
    func sleep(until deadline: MonotonicInstant) async throws
}

extension RunClock {
    package func sleep(for duration: Duration) async throws {
        try await sleep(until: now.advanced(by: duration))
    }
}

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

/// The machine's own clocks. Only a composition root makes one.
package struct SystemClock: RunClock {
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant

    package init() {
        start = clock.now
    }

    package var now: MonotonicInstant {
        MonotonicInstant(sinceStart: start.duration(to: clock.now))
    }

    package var date: Date { Date() }

    package func sleep(until deadline: MonotonicInstant) async throws {
        try await Task.sleep(until: start.advanced(by: deadline.sinceStart), clock: clock)
    }
}
