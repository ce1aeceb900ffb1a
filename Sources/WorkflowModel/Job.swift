/// Steps that run in order on one lock and one deadline.
package struct Job: Sendable {
    package var id: String
    package var needs: [String]
    package var condition: Expression
    /// The environment of the CI that the job deploys to; nil for none.
    package var environment: Expression?
    /// Evaluates to the name of a lock that only one run on this machine holds at a time; nil for none.
    package var concurrency: Expression?
    /// Evaluates to a duration text; nil for no limit.
    package var timeout: Expression?
    /// Nil for a job that runs once.
    package var strategy: Strategy?
    package var env: [String: Expression]
    /// What jobs that need this one see of it.
    package var outputs: [String: Expression]
    package var steps: [StepDefinition]
    /// Nil for a job that no file holds.
    package var position: SourcePosition?

    package init(
        id: String, needs: [String] = [], if condition: Expression = .success, environment: Expression? = nil,
        concurrency: Expression? = nil, timeout: Expression? = nil, strategy: Strategy? = nil,
        env: [String: Expression] = [:], outputs: [String: Expression] = [:], steps: [StepDefinition],
        position: SourcePosition? = nil
    ) {
        self.id = id
        self.needs = needs
        self.condition = condition
        self.environment = environment
        self.concurrency = concurrency
        self.timeout = timeout
        self.strategy = strategy
        self.env = env
        self.outputs = outputs
        self.steps = steps
        self.position = position
    }
}

/// How a job runs once for each row of a matrix.
package struct Strategy: Sendable {
    package var matrix: Matrix
    /// Nil for no limit.
    package var maxParallel: Int?
    /// The first row that fails stops the others.
    package var failFast: Bool

    package init(matrix: Matrix, maxParallel: Int? = nil, failFast: Bool = true) {
        self.matrix = matrix
        self.maxParallel = maxParallel
        self.failFast = failFast
    }
}

/// One use of a step type in a job.
package struct StepDefinition: Sendable {
    package var id: String
    /// As it is written.
    package var name: String
    /// What evaluates to the name; nil for one without expressions.
    package var nameTemplate: Expression?
    /// The name of the step type, as the registry knows it, or the path of a workflow file: `./smoke.yml`.
    package var uses: String
    package var with: [String: Expression]
    package var condition: Expression
    /// Evaluates to a duration text; nil for no limit but the job's.
    package var timeout: Expression?
    package var retry: RetryPolicy?
    /// The step may fail and the job still go on; its outcome stays what it was, its conclusion is success.
    package var continueOnError: Bool
    package var env: [String: Expression]
    /// Relative to the folder of the run; nil for that folder.
    package var workingDirectory: Expression?
    /// Nil for a step that no file holds.
    package var position: SourcePosition?

    /// The step type that runs what `run` says; its inputs are `script` or `command`.
    package static let runType = "run"

    package init(
        id: String, name: String, uses: String, with: [String: Expression] = [:],
        if condition: Expression = .success, timeout: Expression? = nil, retry: RetryPolicy? = nil,
        continueOnError: Bool = false, env: [String: Expression] = [:], workingDirectory: Expression? = nil,
        position: SourcePosition? = nil
    ) {
        self.id = id
        self.name = name
        self.uses = uses
        self.with = with
        self.condition = condition
        self.timeout = timeout
        self.retry = retry
        self.continueOnError = continueOnError
        self.env = env
        self.workingDirectory = workingDirectory
        self.position = position
    }
}

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
