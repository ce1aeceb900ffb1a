package import WorkflowModel

/// What the journal knows of one step.
package struct StepRecord: Sendable, Equatable {
    package enum Phase: Sendable, Equatable {
        case pending
        case running(attempt: Int)
        /// The try number `attempt` failed and another one is allowed.
        case failedAttempt(Int)
        case finished(Outcome)
    }

    package var phase: Phase = .pending
    package var outputs: [String: Value] = [:]
    /// Changes that were about to be made, in order.
    package var effects: [EffectIntended] = []
    package var failure: StepFailure?

    package init() {}

    package var outcome: Outcome? {
        if case .finished(let outcome) = phase { outcome } else { nil }
    }
}
