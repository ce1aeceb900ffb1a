import ControlPlane
import Dispatch

/// Runs tasks one at a time, and moves a virtual clock to its next sleeper only when none of them can go on: hours
/// pass in milliseconds, and the same program takes the same way every time.
///
/// Work that leaves the tasks, such as a child process, is not seen: the clock would move on meanwhile.
package final class VirtualTimeExecutor: TaskExecutor {
    private let clock: VirtualClock
    private let queue = DispatchQueue(label: "virtual time")
    private let state = Locked(State())

    private struct State {
        var pending = 0
        /// The clock belongs to whoever comes next.
        var isOver = false
    }

    package init(clock: VirtualClock) { self.clock = clock }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.pending += 1 }
        queue.async {
            job.runSynchronously(on: self.asUnownedTaskExecutor())
            let isIdle = self.state.withLock { state in
                state.pending -= 1
                return state.pending == 0 && !state.isOver
            }
            if isIdle { self.clock.wakeNextSleeper() }
        }
    }

    /// Runs `body`, and every task it starts, in virtual time.
    package static func run<Answer: Sendable>(
        on clock: VirtualClock, _ body: @Sendable () async throws -> Answer
    ) async rethrows -> Answer {
        let executor = VirtualTimeExecutor(clock: clock)
        return try await withTaskExecutorPreference(executor) {
            defer { executor.state.withLock { $0.isOver = true } }
            return try await body()
        }
    }
}
