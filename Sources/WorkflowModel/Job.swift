/// Steps that run in order on one lock and one deadline.
package struct Job: Sendable {
    package var id: String
    package var needs: [String]
    package var condition: Expression
    /// Evaluates to the name of a lock that only one run on this machine holds at a time; nil for none.
    package var concurrency: Expression?
    /// Evaluates to a duration text; nil for no limit.
    package var timeout: Expression?
    package var steps: [StepDefinition]

    package init(
        id: String, needs: [String] = [], if condition: Expression = .success, concurrency: Expression? = nil,
        timeout: Expression? = nil, steps: [StepDefinition]
    ) {
        self.id = id
        self.needs = needs
        self.condition = condition
        self.concurrency = concurrency
        self.timeout = timeout
        self.steps = steps
    }
}
