import Clocks
import Foundation
import Processes
import Testing

@testable import LocalControlPlane

/// A condition that did not become true in time.
struct WaitTimeout: Error, CustomStringConvertible {
    let condition: String

    var description: String { "timed out waiting until \(condition)" }
}

/// Fails with `WaitTimeout` when `operation`, which must respond to cancellation, takes longer than a minute.
func waiting<Value: Sendable>(
    until condition: String, _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    guard let value = try await SystemClock().within(.seconds(60), operation) else {
        throw WaitTimeout(condition: condition)
    }
    return value
}

/// Polls a condition that nothing announces, such as a file that a child writes.
func eventually(_ condition: String, _ isTrue: @escaping @Sendable () -> Bool) async throws {
    try await waiting(until: condition) {
        while !isTrue() { try await SystemClock().sleep(for: .milliseconds(5)) }
    }
}

/// The real clock, which a test can move forward by an hour.
struct SkippableClock: RunClock {
    private let base = SystemClock()
    private let hour = AsyncPromise<Void>()

    var now: MonotonicInstant { hour.current == nil ? base.now : base.now.advanced(by: .seconds(3600)) }
    var date: Date { base.date }

    func anHourPasses() {
        hour.fulfill(with: ())
    }

    func sleep(until deadline: MonotonicInstant) async throws {
        guard hour.current == nil else { return }
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await base.sleep(until: deadline) }
            group.addTask { try await hour.value() }
            try await group.next()
        }
    }
}

/// Collects lines, and lets a test wait for one that it expects.
actor LineRecorder {
    private(set) var lines: [String] = []
    private var observers: [AsyncStream<String>.Continuation] = []

    func append(_ line: String) {
        lines.append(line)
        for observer in observers { observer.yield(line) }
    }

    func line(beginning text: String) async throws -> String {
        let all = stream()
        return try await waiting(until: "a line begins with '\(text)'") {
            for await line in all where line.hasPrefix(text) { return line }
            throw CancellationError()
        }
    }

    /// Every line so far, then each new one.
    private func stream() -> AsyncStream<String> {
        let (stream, continuation) = AsyncStream.makeStream(of: String.self)
        for line in lines { continuation.yield(line) }
        observers.append(continuation)
        return stream
    }
}
