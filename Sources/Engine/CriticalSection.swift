import Clocks
import Synchronization

/// Delays a cancellation while a change is in progress, and refuses new changes after a cancellation.
final class CriticalSection: Sendable {
    /// How long a change in progress can take after a cancellation (docs/failures.md, row 35).
    static let changeGrace: Duration = .seconds(2)
    /// The same for a sequence of changes that is useless in part (row 37); leaves a second of the time for cleanup.
    static let sequenceGrace: Duration = .seconds(4)

    private struct State {
        var depth = 0
        /// The longest grace of those inside.
        var grace: Duration = .zero
        var isClosed = false
        /// A place inside is reserved but not taken yet.
        var isReserved = false
        var nextWaiter = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    /// Throws `CancellationError` if the section is closed and empty: only a change inside another one can still start.
    func enter(for grace: Duration = changeGrace) throws {
        let isOpen = state.withLock { state in
            guard !state.isClosed || state.depth > 0 else { return false }
            // The first to enter takes the reserved place.
            if !state.isReserved { state.depth += 1 }
            state.isReserved = false
            state.grace = max(state.grace, grace)
            return true
        }
        guard isOpen else { throw CancellationError() }
    }

    /// Reserves a place for the first to enter, also after closing. To be called before anyone can be inside.
    func reserve() {
        state.withLock { state in
            (state.isReserved, state.depth, state.grace) = (true, state.depth + 1, Self.sequenceGrace)
        }
    }

    /// Cancels a reservation that nobody used.
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

    /// Closes the section and returns once it is empty, at the latest after the grace of those inside.
    func close(on clock: any RunClock) async {
        let (isEmpty, grace) = state.withLock { state in
            state.isClosed = true
            return (state.depth == 0, state.grace)
        }
        if isEmpty { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.waitUntilEmpty() }
            // The wait ends after the grace, or when it is cancelled.
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
