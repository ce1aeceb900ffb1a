import Clocks
import WorkflowModel

/// Acquires the lock that a job names in `concurrency`, waiting while another run holds it.
struct JobLock: Sendable {
    static let pollInterval: Duration = .milliseconds(500)
    static let reminderInterval: Duration = .seconds(30)
    /// The wait of a job without `timeout`.
    static let defaultWait: Duration = .seconds(1800)

    let job: Job
    let locks: RunLocks
    /// Already held by the job whose step uses this job's workflow.
    var heldLocks: Set<String> = []
    let log: EventLog
    let clock: any RunClock
    let cancellation: RunCancellation

    /// Nil when the job names no lock.
    ///
    /// Throws `StepFailure` (busy) if the deadline passes first, `CancellationError` on cancellation.
    func acquire(_ evaluator: Evaluator, until end: MonotonicInstant?) async throws -> RunLock? {
        guard let concurrency = job.concurrency else { return nil }
        let name = try evaluator.value(of: concurrency, for: "concurrency").text
        guard !heldLocks.contains(name) else { return nil }
        let waitEnd = locks.waitLimit.map { clock.now.advanced(by: $0) }
        let deadline = [end, waitEnd].compactMap(\.self).min() ?? clock.now.advanced(by: Self.defaultWait)
        let holder = "run \(log.runID), started \(EventTimestamp.text(from: clock.date))"
        var nextReminder = clock.now
        while true {
            switch try attempt(name, holder: holder) {
            case .acquired(let lock): return lock
            case .heldBy(let other):
                if clock.now >= deadline { throw busy(name, other) }
                if clock.now >= nextReminder {
                    note("waiting for lock '\(name)', held by \(other)")
                    nextReminder = clock.now.advanced(by: Self.reminderInterval)
                }
            }
            let next = min(deadline, clock.now.advanced(by: Self.pollInterval))
            if try await cancellation.sleep(until: next, on: clock) != nil { throw CancellationError() }
        }
    }

    private func attempt(_ name: String, holder: String) throws -> RunLocks.Attempt {
        do {
            return try locks.acquire(name, holder: holder)
        } catch {
            throw StepFailure(
                .configurationMissing, code: "LockNotWritable", "\(error)",
                hint: "set --state-dir to a writable directory")
        }
    }

    private func busy(_ name: String, _ holder: String) -> StepFailure {
        StepFailure(
            .busy, code: "Locked", "lock '\(name)' is held by \(holder)",
            hint: "retry when that run has finished, or wait longer with --lock-timeout or --timeout")
    }

    private func note(_ message: String) {
        log.append(Noted(job: JobPath(job.id), step: "", level: .info, message: message))
    }
}
