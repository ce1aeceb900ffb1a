import Clocks
import Synchronization

/// The order to stop a run, given from outside (a signal) and heard by everything in it; a job has one of its own
/// below that of the run.
package final class RunCancellation: Sendable {
    enum Order: Sendable, Equatable {
        case signal(RunCancelled.Reason)
        /// Another row of the job's matrix failed.
        case failFast(row: JobPath)

        /// The signal, if it was one.
        var reason: RunCancelled.Reason? {
            if case .signal(let reason) = self { reason } else { nil }
        }
    }

    private struct State {
        var order: Order?
        var nextWaiter = 0
        var waiters: [Int: CheckedContinuation<Order?, Never>] = [:]
        var children: [RunCancellation] = []
    }

    private let state = Mutex(State())

    package init() {}

    /// The signal, if that was the order.
    package var reason: RunCancelled.Reason? {
        if case .signal(let reason) = order { reason } else { nil }
    }

    var order: Order? { state.withLock(\.order) }

    /// Waits for a signal; nil when the waiting task itself is cancelled first.
    package func waitForSignal() async -> RunCancelled.Reason? {
        if case .signal(let reason) = await wait() { reason } else { nil }
    }

    /// The first order counts; later ones change nothing.
    package func cancel(_ reason: RunCancelled.Reason) { give(.signal(reason)) }

    func give(_ order: Order) {
        let (waiters, children) = state.withLock { state in
            guard state.order == nil else { return (state.waiters.values, [RunCancellation]()) }
            state.order = order
            defer { (state.waiters, state.children) = ([:], []) }
            return (state.waiters.values, state.children)
        }
        for waiter in waiters { waiter.resume(returning: order) }
        for child in children { child.give(order) }
    }

    /// Hears every order that this one hears, and may be given one of its own.
    func makeChild() -> RunCancellation {
        let child = RunCancellation()
        let order = state.withLock { state in
            if state.order == nil { state.children.append(child) }
            return state.order
        }
        if let order { child.give(order) }
        return child
    }

    /// Waits for the order; nil when the waiting task itself is cancelled first.
    func wait() async -> Order? {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> Order?? in
                    if let order = state.order { return .some(order) }
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
    func sleep(until deadline: MonotonicInstant, on clock: any RunClock) async throws -> Order? {
        try await withThrowingTaskGroup(of: Order?.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                try await clock.sleep(until: deadline)
                return nil
            }
            group.addTask {
                guard let order = await self.wait() else { throw CancellationError() }
                return order
            }
            return try await group.next() ?? nil
        }
    }
}
