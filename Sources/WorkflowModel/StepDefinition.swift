/// One use of a step type in a job.
package struct StepDefinition: Sendable {
    package var id: String
    package var name: String
    /// The name of the step type, as the registry knows it.
    package var uses: String
    package var with: [String: Expression]
    package var condition: Expression
    /// Evaluates to a duration text; nil for no limit but the job's.
    package var timeout: Expression?
    package var retry: RetryPolicy?
    /// The step may fail and the job still go on; its outcome stays what it was, its conclusion is success.
    package var continueOnError: Bool

    package init(
        id: String, name: String, uses: String, with: [String: Expression] = [:],
        if condition: Expression = .success, timeout: Expression? = nil, retry: RetryPolicy? = nil,
        continueOnError: Bool = false
    ) {
        self.id = id
        self.name = name
        self.uses = uses
        self.with = with
        self.condition = condition
        self.timeout = timeout
        self.retry = retry
        self.continueOnError = continueOnError
    }
}

/// How often and how far apart a failing step is tried again.
package struct RetryPolicy: Sendable, Equatable {
    package enum Backoff: String, Sendable {
        case constant, exponential
    }

    /// All tries, the first one included.
    package var attempts: Int
    package var delay: Duration
    package var backoff: Backoff
    package var maximumDelay: Duration

    package init(
        attempts: Int, delay: Duration = .seconds(1), backoff: Backoff = .exponential,
        maximumDelay: Duration = .seconds(60)
    ) {
        self.attempts = attempts
        self.delay = delay
        self.backoff = backoff
        self.maximumDelay = maximumDelay
    }

    /// The pause after the failed try number `attempt` (from 1).
    package func pause(after attempt: Int) -> Duration {
        switch backoff {
        case .constant: min(delay, maximumDelay)
        case .exponential: min(delay * (1 << (min(max(attempt, 1), 21) - 1)), maximumDelay)
        }
    }
}
