import Clocks

extension RunClock {
    /// Nil when `operation` took longer than `limit`; it is cancelled then, and waited for.
    func within<Value: Sendable>(
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
