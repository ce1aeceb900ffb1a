package import FoundationEssentials

/// The time seam: deadlines and pauses use `now`, timestamps in reports use `date`.
package protocol RunClock: Sendable {
    var now: MonotonicInstant { get }

    /// Wall-clock time, for timestamps only; it may jump.
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

/// A time on a monotonic clock that also counts suspended time.
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

/// The clocks of the machine; created only where a program is composed.
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
