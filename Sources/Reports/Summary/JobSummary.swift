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

extension JobSummary {
    /// From its first start, up to `end` where it did not end.
    func elapsed(until end: Date?) -> Duration {
        guard let startedAt, let end = finishedAt ?? end else { return .zero }
        return .milliseconds(Int64(max(end.timeIntervalSince(startedAt) * 1000, 0).rounded()))
    }
}
