package import Clocks
import ControlPlane
import Dispatch
package import FoundationEssentials
import Git

/// A clock that a test advances.
package final class VirtualClock: RunClock {
    private struct Sleeper {
        var deadline: MonotonicInstant
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = MonotonicInstant(sinceStart: .zero)
        var sleepers: [Int: Sleeper] = [:]
        var observers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var lastID = 0
    }

    /// Whether a sleep advances the clock instead of waiting: for tests with one task at a time.
    private let isAutomatic: Bool
    private let start: Date
    private let state = Locked(State())

    /// `start` is the wall-clock time at which the clock begins.
    package init(automatic: Bool = false, start: Date = Date(timeIntervalSince1970: 1_767_225_600)) {
        isAutomatic = automatic
        self.start = start
    }

    package var now: MonotonicInstant { state.withLock { $0.now } }

    package var date: Date { start.addingTimeInterval(now.sinceStart.seconds) }

    package func sleep(until deadline: MonotonicInstant) async throws {
        try Task.checkCancellation()
        if isAutomatic {
            advance(to: deadline)
            // A loop that sleeps must not keep a thread that its end depends on.
            return await Task.yield()
        }
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { register($0, until: deadline, id: id) }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: id) }?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Advances the clock and wakes the sleepers that are due, the earliest first.
    package func advance(by duration: Duration) {
        advance(to: now.advanced(by: duration))
    }

    /// Returns as soon as at least `count` tasks sleep.
    package func sleepers(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.sleepers.count >= count { return true }
                state.observers.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    /// Waits for a sleeper and advances to the earliest deadline; returns by how much.
    @discardableResult
    package func advanceToNextSleeper() async -> Duration {
        await sleepers(1)
        let (now, next) = state.withLock { ($0.now, $0.sleepers.values.map(\.deadline).min() ?? $0.now) }
        advance(to: next)
        return max(now.duration(to: next), .zero)
    }

    /// Advances to the earliest deadline and wakes its sleepers; does nothing without sleepers.
    package func wakeNextSleeper() {
        let next = state.withLock { $0.sleepers.values.map(\.deadline).min() }
        if let next { advance(to: next) }
    }

    private func advance(to instant: MonotonicInstant) {
        let due = state.withLock { state in
            state.now = max(state.now, instant)
            let due = state.sleepers.filter { $0.value.deadline <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.sorted { ($0.value.deadline, $0.key) < ($1.value.deadline, $1.key) }
        }
        for sleeper in due { sleeper.value.continuation.resume() }
    }

    /// Called by the sleeping task itself; a cancellation after this finds the sleeper.
    private func register(
        _ continuation: CheckedContinuation<Void, any Error>, until deadline: MonotonicInstant, id: Int
    ) {
        enum Fate { case sleeps, isDue, isCancelled }
        let (fate, observers) = state.withLock { state in
            if Task.isCancelled { return (Fate.isCancelled, [CheckedContinuation<Void, Never>]()) }
            if deadline <= state.now { return (Fate.isDue, []) }
            state.sleepers[id] = Sleeper(deadline: deadline, continuation: continuation)
            let count = state.sleepers.count
            defer { state.observers.removeAll { $0.count <= count } }
            return (Fate.sleeps, state.observers.filter { $0.count <= count }.map(\.continuation))
        }
        for observer in observers { observer.resume() }
        switch fate {
        case .sleeps: break
        case .isDue: continuation.resume()
        case .isCancelled: continuation.resume(throwing: CancellationError())
        }
    }
}

/// Runs tasks one at a time, and advances a virtual clock to its next sleeper only when no task can continue: hours
/// pass in milliseconds, and a program runs in the same order every time.
///
/// Work outside the tasks, such as a child process, is not seen, except for that of `git`: the clock would advance
/// meanwhile.
package final class VirtualTimeExecutor: TaskExecutor {
    private let clock: VirtualClock
    private let queue = DispatchQueue(label: "virtual time")
    private let state = Locked(State())

    private struct State {
        var pending = 0
        /// Set at the end: the clock is no longer advanced.
        var isOver = false
    }

    package init(clock: VirtualClock) { self.clock = clock }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.pending += 1 }
        queue.async {
            job.runSynchronously(on: self.asUnownedTaskExecutor())
            self.end()
        }
    }

    private func end() {
        let isIdle = state.withLock { state in
            state.pending -= 1
            return state.pending == 0 && !state.isOver
        }
        if isIdle { clock.wakeNextSleeper() }
    }

    /// Runs `body`, and every task it starts, in virtual time.
    package static func run<Answer: Sendable>(
        on clock: VirtualClock, _ body: @Sendable () async throws -> Answer
    ) async rethrows -> Answer {
        let executor = VirtualTimeExecutor(clock: clock)
        return try await GitProcesses.$willRun.withValue({ executor.hold() }) {
            try await withTaskExecutorPreference(executor) {
                defer { executor.state.withLock { $0.isOver = true } }
                return try await body()
            }
        }
    }

    /// Counts as a task until the answer is called.
    private func hold() -> @Sendable () -> Void {
        state.withLock { $0.pending += 1 }
        return { self.queue.async { self.end() } }
    }
}
