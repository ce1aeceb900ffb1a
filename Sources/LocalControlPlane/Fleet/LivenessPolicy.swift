import Clocks

/// Decides when an agent that does not answer is started again, and when that is given up.
struct LivenessPolicy: Sendable {
    /// Between two checks of an agent's health.
    static let checkInterval = Duration.seconds(5)
    /// Misses in a row before the agent counts as dead.
    private static let toleratedMisses = 3
    private static let longestPause = Duration.seconds(30)
    /// More restarts than this within the window, and the agent is left alone.
    private static let restartLimit = 5
    private static let restartWindow = Duration.seconds(600)

    enum Decision: Equatable, Sendable {
        case wait
        case restart(after: Duration)
        case giveUp
    }

    private var misses = 0
    private var restarts: [MonotonicInstant] = []

    mutating func checked(healthy: Bool, at now: MonotonicInstant) -> Decision {
        misses = healthy ? 0 : misses + 1
        return misses < Self.toleratedMisses ? .wait : died(at: now)
    }

    /// The process has ended, or never started again.
    mutating func died(at now: MonotonicInstant) -> Decision {
        misses = 0
        restarts.removeAll { $0.duration(to: now) > Self.restartWindow }
        guard restarts.count < Self.restartLimit else { return .giveUp }
        // The first restart comes at once, then 1, 2, 4 … seconds.
        let pause = restarts.isEmpty ? Duration.zero : .seconds(1 << (restarts.count - 1))
        restarts.append(now)
        return .restart(after: min(pause, Self.longestPause))
    }
}
