import Clocks
import Synchronization

/// Keeps the order to stop away from a change on its way, and changes away from a step that has been told to stop.
final class CriticalSection: Sendable {
    private struct State {
        var depth = 0
        var isClosed = false
        var nextWaiter = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    /// Throws `CancellationError` once the section is closed: a change that has not begun is not begun.
    func enter() throws {
        let isOpen = state.withLock { state in
            if !state.isClosed { state.depth += 1 }
            return !state.isClosed
        }
        guard isOpen else { throw CancellationError() }
    }

    func leave() {
        let released = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.depth -= 1
            guard state.depth == 0 else { return [] }
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in released { waiter.resume() }
    }

    /// Lets nobody in any more and returns once nobody is inside, at the latest after `grace`.
    func close(within grace: Duration, on clock: any RunClock) async {
        let isEmpty = state.withLock { state in
            state.isClosed = true
            return state.depth == 0
        }
        if isEmpty { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.waitUntilEmpty() }
            // Cancelled or over: either way the wait ends.
            group.addTask { try? await clock.sleep(for: grace) }
            await group.next()
            group.cancelAll()
        }
    }

    /// Returns early when the waiting task is cancelled.
    private func waitUntilEmpty() async {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.depth == 0 || Task.isCancelled { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }
}
