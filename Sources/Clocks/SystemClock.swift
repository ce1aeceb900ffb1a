package import FoundationEssentials

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
