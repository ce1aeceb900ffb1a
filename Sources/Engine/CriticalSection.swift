import Clocks
import Synchronization

/// Marks the moments in which a step must not be cancelled, because a change is on its way.
final class CriticalSection: Sendable {
    private struct State {
        var depth = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func enter() {
        state.withLock { $0.depth += 1 }
    }

    func leave() {
        let released = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.depth -= 1
            guard state.depth == 0 else { return [] }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in released { waiter.resume() }
    }

    /// Returns once nobody is inside, at the latest after `grace`.
    func left(within grace: Duration, on clock: any RunClock) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.left() }
            // Cancelled or over: either way the wait ends, and `releaseAll` below lets the other child go.
            group.addTask { try? await clock.sleep(for: grace) }
            await group.next()
            releaseAll()
            group.cancelAll()
        }
    }

    private func left() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.depth > 0 { state.waiters.append(continuation) }
                return state.depth == 0
            }
            if isFree { continuation.resume() }
        }
    }

    private func releaseAll() {
        let released = state.withLock { state in
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in released { waiter.resume() }
    }
}
