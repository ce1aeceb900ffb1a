package import WorkflowModel

/// What a run is told from outside, beside its inputs.
package struct RunContext: Sendable {
    /// The contexts `git` and `ci`: objects with the names that `ExpressionContext.fixedNames` lists.
    package var git: Value
    package var ci: Value
    /// By name. They reach `env` and secret inputs of steps, and no event; the log's mask has to know them.
    package var secrets: [String: String]
    /// Nil where there are no files to read.
    package var hashFiles: Evaluator.HashFiles?

    package init(
        git: Value = .object([:]), ci: Value = .object([:]), secrets: [String: String] = [:],
        hashFiles: Evaluator.HashFiles? = nil
    ) {
        self.git = git
        self.ci = ci
        self.secrets = secrets
        self.hashFiles = hashFiles
    }
}
