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
