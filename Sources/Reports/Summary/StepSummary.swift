package import Engine
package import FoundationEssentials
package import WorkflowModel

/// What became of one step, over all its tries.
package struct StepSummary: Sendable, Equatable {
    package struct Attempt: Sendable, Equatable {
        /// From 1.
        package var number: Int
        package var startedAt: Date
        /// Up to the last event where the try did not end.
        package var duration: Duration
        /// Nil while the try runs, and for ever where the run was cut off.
        package var result: Outcome?
        package var failure: StepFailure?
    }

    package let address: StepAddress
    /// The step's id where its name never became known, as for a skipped step.
    package var name: String
    package var uses: String?
    /// Nil for a step that did not end.
    package var result: Outcome?
    package var finishedAt: Date?
    package var attempts: [Attempt] = []
    package var outputs: [String: Value] = [:]
    package var failure: StepFailure?
    package var logs: [LogTail] = []
    /// The job goes on in spite of the failure (`continue-on-error`).
    package var isTolerated = false

    package init(address: StepAddress) {
        self.address = address
        name = address.step
    }

    package var job: String { address.job }
    package var id: String { address.step }
    package var startedAt: Date? { attempts.first?.startedAt }

    /// The time spent in tries, without the pauses between them.
    package var duration: Duration {
        attempts.reduce(.zero) { $0 + $1.duration }
    }

    package var isRunning: Bool { result == nil && !attempts.isEmpty }

    package var didSucceed: Bool { result.map { !$0.stopsJob } ?? false }

    /// The failures that a later try made up for or repeated.
    package var earlierFailures: [StepFailure] {
        attempts.dropLast().compactMap(\.failure)
    }
}
