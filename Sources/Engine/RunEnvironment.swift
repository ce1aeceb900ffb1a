import Clocks
package import WorkflowModel

/// What a run works with; the workflows that its steps use work with the same.
struct RunEnvironment: Sendable {
    let registry: StepRegistry
    let facts: RunContext
    let clock: any RunClock
    let locks: RunLocks
    /// Recorded whenever a step ends.
    let closingEvents: @Sendable () -> [any EventPayload]
}

/// What bounds a loop from outside; nothing does for a run as a whole.
struct RunBounds: Sendable {
    /// No job has more time than this, as long as nothing went wrong in it.
    var deadline: MonotonicInstant?
    /// Set when all of it cleans up after the order to stop, in what is left of the grace.
    var cancelledAt: MonotonicInstant?
    /// The locks that those around it hold already.
    var heldLocks: Set<String> = []
    /// The order to stop the run; nil where the loop's own order is that one.
    var runOrder: RunCancellation?
}

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
