import Clocks
import Foundation
import Testing

@testable import LocalControlPlane

/// Waits for a fact that nothing announces, like a file that a child writes; fails the test after 60 s.
func eventually(_ isTrue: () -> Bool, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let clock = SystemClock()
    let end = clock.now.advanced(by: .seconds(60))
    while !isTrue() {
        try #require(clock.now < end, "timed out after 60s", sourceLocation: sourceLocation)
        try await clock.sleep(for: .milliseconds(5))
    }
}

/// The real clock, until a test has seen what it waited for and makes an hour pass at once.
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

/// Keeps lines, and lets a test wait for one that it expects.
actor LineRecorder {
    private(set) var lines: [String] = []
    private var waiters: [(text: String, continuation: CheckedContinuation<String, Never>)] = []

    func append(_ line: String) {
        lines.append(line)
        let met = waiters.filter { line.hasPrefix($0.text) }
        waiters.removeAll { line.hasPrefix($0.text) }
        for waiter in met { waiter.continuation.resume(returning: line) }
    }

    func line(beginning text: String) async -> String {
        if let line = lines.first(where: { $0.hasPrefix(text) }) { return line }
        return await withCheckedContinuation { waiters.append((text, $0)) }
    }
}
