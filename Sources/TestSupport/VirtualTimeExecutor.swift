import ControlPlane
import Dispatch

/// Runs tasks one at a time, and moves a virtual clock to its next sleeper only when none of them can go on: hours
/// pass in milliseconds, and the same program takes the same way every time.
///
/// Work that leaves the tasks, such as a child process, is not seen: the clock would move on meanwhile.
package final class VirtualTimeExecutor: TaskExecutor {
    private let clock: VirtualClock
    private let queue = DispatchQueue(label: "virtual time")
    private let pending = Locked(0)

    package init(clock: VirtualClock) { self.clock = clock }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        pending.withLock { $0 += 1 }
        queue.async {
            job.runSynchronously(on: self.asUnownedTaskExecutor())
            let isIdle = self.pending.withLock { count in
                count -= 1
                return count == 0
            }
            if isIdle { self.clock.wakeNextSleeper() }
        }
    }

    /// Runs `body`, and every task it starts, in virtual time.
    package static func run<Answer: Sendable>(
        on clock: VirtualClock, _ body: @Sendable () async throws -> Answer
    ) async rethrows -> Answer {
        try await withTaskExecutorPreference(VirtualTimeExecutor(clock: clock), operation: body)
    }
}
