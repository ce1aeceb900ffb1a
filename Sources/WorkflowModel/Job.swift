/// A job: steps that run in order under one lock and one deadline.
package struct Job: Sendable {
    package var id: String
    package var needs: [String]
    package var condition: Expression
    /// The CI system's environment that the job deploys to; nil for none.
    package var environment: Expression?
    /// Evaluates to the name of a lock that only one run on this machine holds at a time; nil for none.
    package var concurrency: Expression?
    /// Evaluates to a duration text; nil for no limit.
    package var timeout: Expression?
    /// Nil for a job that runs once.
    package var strategy: Strategy?
    package var env: [String: Expression]
    /// Values for jobs that need this one.
    package var outputs: [String: Expression]
    package var steps: [StepDefinition]
    /// Nil for a job that is not from a file.
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
    /// Whether the first row that fails cancels the others.
    package var failFast: Bool
    /// How many rows may fail before no other one starts; nil if that is not limited.
    package var maxFailures: FailureTolerance?
    /// Whether no more rows run at a time than may still fail, so that at most `maxFailures` and one more do.
    package var isStrict: Bool

    package init(
        matrix: Matrix, maxParallel: Int? = nil, failFast: Bool = true, maxFailures: FailureTolerance? = nil,
        isStrict: Bool = true
    ) {
        self.matrix = matrix
        self.maxParallel = maxParallel
        self.failFast = failFast
        self.maxFailures = maxFailures
        self.isStrict = isStrict
    }
}

/// One use of a step type in a job.
package struct StepDefinition: Sendable {
    package var id: String
    /// As written in the file.
    package var name: String
    /// Evaluates to the name; nil for a name without expressions.
    package var nameTemplate: Expression?
    /// The name of a step type in the registry, or the path of a workflow file: `./smoke.yml`.
    package var uses: String
    package var with: [String: Expression]
    package var condition: Expression
    /// Evaluates to a duration text; nil for only the job's limit.
    package var timeout: Expression?
    package var retry: RetryPolicy?
    /// Whether the job continues if the step fails; the outcome stays failure, the conclusion is success.
    package var continueOnError: Bool
    package var env: [String: Expression]
    /// Relative to the directory of the run; nil for that directory.
    package var workingDirectory: Expression?
    /// Nil for a step that is not from a file.
    package var position: SourcePosition?

    /// The step type behind the key `run`; its input is `script` or `command`.
    package static let runType = "run"
    /// The values of `shell`.
    package static let shells = ["bash", "sh", "python"]

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

/// How often and after which delays a failed step is retried.
package struct RetryPolicy: Sendable, Equatable {
    package enum Backoff: String, Sendable, CaseIterable {
        case constant, exponential
    }

    /// An outcome that is retried.
    package enum Trigger: String, Sendable, CaseIterable {
        case failure, error, timeout
    }

    /// All attempts, including the first.
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

    /// The delay after failed attempt `attempt` (from 1).
    package func pause(after attempt: Int) -> Duration {
        switch backoff {
        case .constant: min(delay, maximumDelay)
        case .exponential: min(delay * (1 << (min(max(attempt, 1), 21) - 1)), maximumDelay)
        }
    }
}
