import Clocks
import Synchronization

/// The order to stop a run, given from outside (a signal) and heard by everything in it.
package final class RunCancellation: Sendable {
    private struct State {
        var reason: RunCancelled.Reason?
        var nextWaiter = 0
        var waiters: [Int: CheckedContinuation<RunCancelled.Reason?, Never>] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    package var reason: RunCancelled.Reason? {
        state.withLock(\.reason)
    }

    /// The first order counts; later ones change nothing.
    package func cancel(_ reason: RunCancelled.Reason) {
        let waiters = state.withLock { state -> [CheckedContinuation<RunCancelled.Reason?, Never>] in
            guard state.reason == nil else { return [] }
            state.reason = reason
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume(returning: reason) }
    }

    /// Waits for the order; nil when the waiting task itself is cancelled first.
    package func wait() async -> RunCancelled.Reason? {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> RunCancelled.Reason?? in
                    if let reason = state.reason { return .some(reason) }
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
    /// Sleeps until `deadline`, or until the order comes: returns it then, at once when it is given already.
    ///
    /// Throws `CancellationError` as soon as the waiting task itself is cancelled.
    func sleep(until deadline: MonotonicInstant, on clock: any RunClock) async throws -> RunCancelled.Reason? {
        try await withThrowingTaskGroup(of: RunCancelled.Reason?.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                try await clock.sleep(until: deadline)
                return nil
            }
            group.addTask {
                guard let reason = await self.wait() else { throw CancellationError() }
                return reason
            }
            return try await group.next() ?? nil
        }
    }
}
