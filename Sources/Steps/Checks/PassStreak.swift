import Clocks

/// Counts the checks that passed in a row, and for how long.
struct PassStreak {
    /// How many are enough, at least one.
    let wanted: Int
    /// How long a row has to last, from its first pass.
    let bakeTime: Duration
    private(set) var count = 0
    private var start: MonotonicInstant?

    init(wanted: Int, bakeTime: Duration) {
        self.wanted = wanted
        self.bakeTime = bakeTime
    }

    /// Whether the row is long enough now.
    mutating func pass(at now: MonotonicInstant) -> Bool {
        let start = start ?? now
        self.start = start
        count += 1
        return count >= wanted && start.duration(to: now) >= bakeTime
    }

    mutating func fail() {
        count = 0
        start = nil
    }
}
