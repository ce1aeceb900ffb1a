import Clocks
import Processes

/// A condition that did not become true in time.
struct WaitTimeout: Error {
    let condition: String
}

/// Polls a condition that nothing announces, such as a file that a child writes, for at most a minute.
func eventually(_ condition: String, _ isTrue: @escaping @Sendable () async -> Bool) async throws {
    let clock = SystemClock()
    let met: Bool? = try await clock.within(.seconds(60)) {
        while await !isTrue() { try await clock.sleep(for: .milliseconds(5)) }
        return true
    }
    if met == nil { throw WaitTimeout(condition: condition) }
}
