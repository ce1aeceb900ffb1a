package import WorkflowModel

/// What the journal knows of one step.
package struct StepRecord: Sendable, Equatable {
    package enum Phase: Sendable, Equatable {
        case pending
        case running(attempt: Int)
        /// The try number `attempt` failed and another one is allowed.
        case failedAttempt(Int)
        /// The run ended during the try number `attempt`.
        case interrupted(attempt: Int)
        case finished(Outcome)
    }

    package var phase: Phase = .pending
    package var outputs: [String: Value] = [:]
    /// Changes that were about to be made, in order.
    package var effects: [EffectIntended] = []
    package var failure: StepFailure?
    /// How many tries were begun.
    package var attempts = 0
    /// Which try it is, from 1, when one that an interruption cut in two counts once.
    var generation = 1
    /// The order to stop ended it or kept it from running.
    package var wasStopped = false
    /// Which of the job's steps it was, from 0, once it is finished.
    package var place: Int?

    package init() {}

    package var outcome: Outcome? {
        if case .finished(let outcome) = phase { outcome } else { nil }
    }
}
