package import Clocks
import NIOConcurrencyHelpers

/// A value that is set once and that any number of tasks can wait for.
package final class AsyncPromise<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var waiters: [AsyncStream<Value>.Continuation] = []
    }

    private let state = NIOLockedValueBox(State())

    package init() {}

    /// Nil until it is fulfilled.
    package var current: Value? { state.withLockedValue(\.value) }

    /// Only the first value counts.
    package func fulfill(with value: Value) {
        let waiters = state.withLockedValue { state in
            guard state.value == nil else { return [AsyncStream<Value>.Continuation]() }
            state.value = value
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.yield(value) }
    }

    /// Waits for the value. Throws only `CancellationError`.
    package func value() async throws -> Value {
        let (stream, waiter) = AsyncStream.makeStream(of: Value.self)
        let early = state.withLockedValue { state in
            if state.value == nil { state.waiters.append(waiter) }
            return state.value
        }
        if let early { return early }
        for await value in stream { return value }
        throw CancellationError()
    }
}

extension RunClock {
    /// Returns nil when `operation` takes longer than `limit`; it is then cancelled and awaited.
    package func within<Value: Sendable>(
        _ limit: Duration, _ operation: @escaping @Sendable () async throws -> Value
    ) async throws -> Value? {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await operation() }
            group.addTask {
                try await sleep(for: limit)
                return nil
            }
            return try await group.next() ?? nil
        }
    }
}
