import Clocks
import Synchronization

/// Keeps the order to stop away from a change on its way, and changes away from a step that has been told to stop.
final class CriticalSection: Sendable {
    /// How long a change on its way may go on after the order to stop (docs/failures.md, row 35).
    static let changeGrace: Duration = .seconds(2)
    /// The same for changes that only help as a whole (row 37); leaves a second of the clean-up's time.
    static let wholeGrace: Duration = .seconds(4)

    private struct State {
        var depth = 0
        /// The longest that anybody inside was granted.
        var grace: Duration = .zero
        var isClosed = false
        /// Somebody was let in who has not come yet.
        var isReserved = false
        var nextWaiter = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    /// Throws `CancellationError` once the section is closed: a change that has not begun is not begun, unless it is
    /// part of one that has.
    func enter(for grace: Duration = changeGrace) throws {
        let isOpen = state.withLock { state in
            guard !state.isClosed || state.depth > 0 else { return false }
            // Whoever comes first takes the place that is kept.
            if !state.isReserved { state.depth += 1 }
            state.isReserved = false
            state.grace = max(state.grace, grace)
            return true
        }
        guard isOpen else { throw CancellationError() }
    }

    /// Keeps a place inside for whoever enters first, also after the closing. Before anybody can be inside.
    func reserve() {
        state.withLock { state in
            (state.isReserved, state.depth, state.grace) = (true, state.depth + 1, Self.wholeGrace)
        }
    }

    /// Gives up a place that nobody took.
    func release() {
        let isReserved = state.withLock { state in
            defer { state.isReserved = false }
            return state.isReserved
        }
        if isReserved { leave() }
    }

    func leave() {
        let released = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.depth -= 1
            guard state.depth == 0 else { return [] }
            state.grace = .zero
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in released { waiter.resume() }
    }

    /// Lets nobody in any more and returns once nobody is inside, at the latest after the grace of those inside.
    func close(on clock: any RunClock) async {
        let (isEmpty, grace) = state.withLock { state in
            state.isClosed = true
            return (state.depth == 0, state.grace)
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
