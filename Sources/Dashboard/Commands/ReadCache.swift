import Clocks
import Processes

/// Reads that are shared: whoever asks at once gets one answer, and it is good for a few seconds.
actor ReadCache<Key: Hashable & Sendable, Value: Sendable> {
    private struct Kept {
        var value: Value
        var readAt: MonotonicInstant
    }

    private struct Running {
        /// Tells a read from the one before it.
        var number: Int
        var answer: AsyncPromise<Value>
    }

    /// Answers that nobody asks for any more are dropped.
    private static var keepingTime: Duration { .seconds(120) }

    private let clock: any RunClock
    private let lifetime: Duration
    private var kept: [Key: Kept] = [:]
    private var running: [Key: Running] = [:]
    private var reads = 0

    init(clock: any RunClock, lifetime: Duration) {
        self.clock = clock
        self.lifetime = lifetime
    }

    /// The read continues when the one who asked first goes away.
    ///
    /// - Parameters:
    ///   - patience: how old an answer may be that is taken at once, while a new one is read for the next.
    ///   - limit: how long to wait for it.
    /// - Returns: nil if it takes longer, while the read continues.
    func value(
        _ key: Key, orOlder patience: Duration = .zero, within limit: Duration = CommandRunner.limit,
        _ read: @escaping @Sendable () async -> Value
    ) async -> Value? {
        let known = kept[key].map { ($0.value, age: $0.readAt.duration(to: clock.now)) }
        if let known, known.age < lifetime { return known.0 }
        let answer = running[key]?.answer ?? start(key, read)
        if let known, known.age < patience { return known.0 }
        // It throws only when the caller is cancelled, or at the limit.
        return try? await clock.within(limit) { try await answer.value() }
    }

    /// What was read last, however old it is.
    func latest(_ key: Key) -> Value? { kept[key]?.value }

    private func start(_ key: Key, _ read: @escaping @Sendable () async -> Value) -> AsyncPromise<Value> {
        reads += 1
        let number = reads
        let answer = AsyncPromise<Value>()
        running[key] = Running(number: number, answer: answer)
        Task {
            let value = await read()
            keep(value, key, number)
            answer.fulfill(with: value)
        }
        return answer
    }

    private func keep(_ value: Value, _ key: Key, _ number: Int) {
        // A read that was under way when the key was forgotten may be older than what made it forgotten.
        guard running[key]?.number == number else { return }
        running[key] = nil
        let now = clock.now
        kept[key] = Kept(value: value, readAt: now)
        kept = kept.filter { $0.value.readAt.duration(to: now) < Self.keepingTime }
    }

    /// The next one who asks gets a new answer.
    func forget(_ key: Key) {
        kept[key] = nil
        running[key] = nil
    }
}
