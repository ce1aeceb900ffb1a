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
