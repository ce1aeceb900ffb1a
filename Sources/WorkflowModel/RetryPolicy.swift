/// How often and how far apart a failing step is tried again.
package struct RetryPolicy: Sendable, Equatable {
    package enum Backoff: String, Sendable, CaseIterable {
        case constant, exponential
    }

    /// What may be tried again.
    package enum Trigger: String, Sendable, CaseIterable {
        case failure, error, timeout
    }

    /// All tries, the first one included.
    package var attempts: Int
    package var delay: Duration
    package var backoff: Backoff
    package var maximumDelay: Duration
    package var triggers: Set<Trigger>

    package init(
        attempts: Int, delay: Duration = .seconds(1), backoff: Backoff = .exponential,
        maximumDelay: Duration = .seconds(60), on triggers: Set<Trigger> = Set(Trigger.allCases)
    ) {
        self.attempts = attempts
        self.delay = delay
        self.backoff = backoff
        self.maximumDelay = maximumDelay
        self.triggers = triggers
    }

    /// The pause after the failed try number `attempt` (from 1).
    package func pause(after attempt: Int) -> Duration {
        switch backoff {
        case .constant: min(delay, maximumDelay)
        case .exponential: min(delay * (1 << (min(max(attempt, 1), 21) - 1)), maximumDelay)
        }
    }
}
