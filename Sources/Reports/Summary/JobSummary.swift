package import Engine
package import FoundationEssentials

/// What became of one job.
package struct JobSummary: Sendable, Equatable {
    package let id: String
    package var startedAt: Date?
    package var finishedAt: Date?
    /// Nil for a job that did not end.
    package var result: Outcome?
    /// Set when the job itself could not run.
    package var failure: StepFailure?
    package var steps: [StepSummary] = []

    package init(id: String) { self.id = id }
}
