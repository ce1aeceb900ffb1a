import Clocks
import Synchronization

/// The cancellation of a run (by a signal), with a child for each job; everything in the run waits for it.
package final class RunCancellation: Sendable {
    enum Cause: Sendable, Equatable {
        case signal(RunCancelled.Reason)
        /// Another row of the job's matrix failed.
        case failFast(row: JobPath)

        /// The signal, if that is the cause.
        var reason: RunCancelled.Reason? {
            if case .signal(let reason) = self { reason } else { nil }
        }
    }

    private struct State {
        var cause: Cause?
        var nextWaiter = 0
        var waiters: [Int: CheckedContinuation<Cause?, Never>] = [:]
        var children: [RunCancellation] = []
    }

    private let state = Mutex(State())

    package init() {}

    /// The signal, if that is the cause.
    package var reason: RunCancelled.Reason? {
        if case .signal(let reason) = cause { reason } else { nil }
    }

    var cause: Cause? { state.withLock(\.cause) }

    /// Waits for a signal; nil if the waiting task itself is cancelled first.
    package func waitForSignal() async -> RunCancelled.Reason? {
        if case .signal(let reason) = await wait() { reason } else { nil }
    }

    /// Cancels the run; only the first cancellation counts.
    package func cancel(_ reason: RunCancelled.Reason) { cancel(.signal(reason)) }

    func cancel(_ cause: Cause) {
        let (waiters, children) = state.withLock { state in
            guard state.cause == nil else { return (state.waiters.values, [RunCancellation]()) }
            state.cause = cause
            defer { (state.waiters, state.children) = ([:], []) }
            return (state.waiters.values, state.children)
        }
        for waiter in waiters { waiter.resume(returning: cause) }
        for child in children { child.cancel(cause) }
    }

    /// A child that is cancelled with this one, and can be cancelled alone.
    func makeChild() -> RunCancellation {
        let child = RunCancellation()
        let cause = state.withLock { state in
            if state.cause == nil { state.children.append(child) }
            return state.cause
        }
        if let cause { child.cancel(cause) }
        return child
    }

    /// Waits for the cancellation; nil if the waiting task itself is cancelled first.
    func wait() async -> Cause? {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> Cause?? in
                    if let cause = state.cause { return .some(cause) }
                    if Task.isCancelled { return .some(nil) }
                    state.waiters[id] = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume(returning: nil)
        }
    }

    /// Sleeps until `deadline` or the cancellation, and returns the cause of the latter.
    ///
    /// Throws `CancellationError` if the waiting task itself is cancelled.
    func sleep(until deadline: MonotonicInstant, on clock: any RunClock) async throws -> Cause? {
        try await withThrowingTaskGroup(of: Cause?.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                try await clock.sleep(until: deadline)
                return nil
            }
            group.addTask {
                guard let cause = await self.wait() else { throw CancellationError() }
                return cause
            }
            return try await group.next() ?? nil
        }
    }
}
