import Clocks
import Synchronization
import WorkflowModel

/// Acquires locks for a job, waiting while another run holds them: the one that it names in `concurrency`, and those
/// that its steps ask for. They are released with this object, or by the kernel when the process ends.
final class JobLocks: Sendable {
    static let pollInterval: Duration = .milliseconds(500)
    static let reminderInterval: Duration = .seconds(30)
    /// The wait of a job without `timeout`.
    static let defaultWait: Duration = .seconds(1800)

    let job: JobPath
    private let locks: RunLocks
    /// Held by the jobs whose steps use this job's workflow.
    private let outer: Set<String>
    private let log: EventLog
    private let clock: any RunClock
    private let held = Mutex<[RunLock]>([])

    init(job: JobPath, locks: RunLocks, outer: Set<String> = [], log: EventLog, clock: any RunClock) {
        self.job = job
        self.locks = locks
        self.outer = outer
        self.log = log
        self.clock = clock
    }

    /// The names of the locks that are held while the job runs.
    var names: Set<String> { outer.union(held.withLock { $0.map(\.name) }) }

    /// Shows the commit to waiting runs.
    func setCommit(_ commit: String) { held.withLock { for lock in $0 { lock.setCommit(commit) } } }

    /// Returns whether another run held it; does nothing if the job has it already.
    ///
    /// Throws `StepFailure` (busy) if the deadline passes first, `CancellationError` on cancellation.
    @discardableResult
    func acquire(_ given: String, until end: MonotonicInstant?, _ cancellation: RunCancellation) async throws -> Bool {
        let name = locks.canonicalName(given)
        guard !names.contains(name) else { return false }
        let waitEnd = locks.waitLimit.map { clock.now.advanced(by: $0) }
        let deadline = [end, waitEnd].compactMap(\.self).min() ?? clock.now.advanced(by: Self.defaultWait)
        let holder = "run \(log.runID), started \(EventTimestamp.text(from: clock.date))"
        var nextReminder = clock.now
        var hasWaited = false
        while true {
            switch try attempt(name, holder: holder) {
            case .acquired(let lock, let dead):
                if let dead { try await endPrograms(of: dead, holding: lock) }
                held.withLock { $0.append(lock) }
                return hasWaited
            case .notNeeded: return hasWaited
            case .heldBy(let other):
                if clock.now >= deadline { throw busy(name, other) }
                if clock.now >= nextReminder {
                    note("waiting for lock '\(name)', held by \(other)")
                    nextReminder = clock.now.advanced(by: Self.reminderInterval)
                }
            }
            hasWaited = true
            let next = min(deadline, clock.now.advanced(by: Self.pollInterval))
            if try await cancellation.sleep(until: next, on: clock) != nil { throw CancellationError() }
        }
    }

    private func attempt(_ name: String, holder: String) throws -> RunLocks.Attempt {
        do {
            return try locks.acquire(name, holder: holder, run: log.runID)
        } catch {
            throw StepFailure(
                .configurationMissing, code: "LockNotWritable", "\(error)",
                hint: "set --state-dir to a writable directory")
        }
    }

    /// Ends what the last holder, which was killed, left running: it may still be changing what the lock protects.
    private func endPrograms(of run: RunID, holding lock: RunLock) async throws {
        do {
            try await locks.leftoverPrograms(of: run)?.end(on: clock) { note("run \(run) was killed: \($0)") }
        } catch {
            lock.leave(to: run)
            throw error
        }
    }

    private func busy(_ name: String, _ holder: String) -> StepFailure {
        StepFailure(
            .busy, code: "Locked", "lock '\(name)' is held by \(holder)",
            hint: "retry when that run has finished, or wait longer with --lock-timeout or --timeout")
    }

    private func note(_ message: String) {
        log.append(Noted(job: job, step: "", level: .info, message: message))
    }
}
