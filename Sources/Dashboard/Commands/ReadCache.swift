import Clocks

/// Reads that are shared: whoever asks at once gets one answer, and it is good for a few seconds.
actor ReadCache<Key: Hashable & Sendable, Value: Sendable> {
    private struct Kept {
        var value: Value
        var readAt: MonotonicInstant
    }

    /// Answers that nobody asks for any more are dropped.
    private static var keepingTime: Duration { .seconds(120) }

    private let clock: any RunClock
    private let lifetime: Duration
    private var kept: [Key: Kept] = [:]
    private var running: [Key: Task<Value, Never>] = [:]

    init(clock: any RunClock, lifetime: Duration) {
        self.clock = clock
        self.lifetime = lifetime
    }

    /// The read continues when the one who asked first goes away.
    func value(_ key: Key, _ read: @escaping @Sendable () async -> Value) async -> Value {
        if let known = kept[key], known.readAt.duration(to: clock.now) < lifetime { return known.value }
        if let task = running[key] { return await task.value }
        let task = Task { await read() }
        running[key] = task
        let value = await task.value
        // A read that was under way when the key was forgotten may be older than what made it forgotten.
        if running[key] == task {
            running[key] = nil
            let now = clock.now
            kept[key] = Kept(value: value, readAt: now)
            kept = kept.filter { $0.value.readAt.duration(to: now) < Self.keepingTime }
        }
        return value
    }

    /// The next one who asks gets a new answer.
    func forget(_ key: Key) {
        kept[key] = nil
        running[key] = nil
    }
}
