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
