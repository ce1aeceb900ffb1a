import Clocks
package import WorkflowModel

/// The services of a run, shared with the workflows that its steps use.
struct RunEnvironment: Sendable {
    let registry: StepRegistry
    let runContext: RunContext
    let clock: any RunClock
    let locks: RunLocks
    /// Where the whole logs of steps are kept; nil for nowhere.
    var logFolder: String?
    /// Events that are recorded whenever a step ends.
    let closingEvents: @Sendable () -> [any EventPayload]
    let suspension = RunSuspension()
}

/// The limits of a run loop from outside; a run as a whole may have none.
struct RunBounds: Sendable {
    /// The deadline of every job as long as nothing in it failed.
    var deadline: MonotonicInstant?
    /// Set if the whole loop is cleanup after a cancellation, in the rest of the grace.
    var cancelledAt: MonotonicInstant?
    /// The locks that the outer jobs hold.
    var heldLocks: Set<String> = []
    /// The cancellation of the run; nil if it is the loop's own.
    var runCancellation: RunCancellation?
}

/// The context of a run from outside, besides its inputs.
package struct RunContext: Sendable {
    /// The contexts `git` and `ci`: objects with the names that `ExpressionContext.fixedNames` lists.
    package var git: Value
    package var ci: Value
    /// By name. They are available to `env` and secret inputs of steps; the log must redact them.
    package var secrets: [String: String]
    /// Nil if no files are available.
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
