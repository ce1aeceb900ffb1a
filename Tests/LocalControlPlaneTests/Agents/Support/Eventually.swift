import Clocks

/// Waits for a fact that nothing announces, like a file that a child writes.
func eventually(_ isTrue: () -> Bool) async throws {
    while !isTrue() { try await SystemClock().sleep(for: .milliseconds(5)) }
}
