package import Engine

/// The failure that a run's verdict comes down to, and where it was.
package struct PrimaryFailure: Sendable, Equatable {
    package var job: String
    /// Nil when the job itself could not run.
    package var step: StepSummary?
    package var failure: StepFailure
}

extension RunSummary {
    /// Nil for a run that went well, and for one that was only told to stop.
    package var primaryFailure: PrimaryFailure? {
        guard verdict?.outcome != .success else { return nil }
        let all = failures
        // What made a rollback necessary comes before what went wrong with it.
        let fitting = verdict == .rollbackFailed ? all : all.filter { $0.failure.verdict == verdict }
        // What was told to stop because another row failed is not the cause.
        let found = fitting.first { $0.step?.result != .cancellation } ?? fitting.first ?? all.first
        guard let found else { return nil }
        // A step that uses a workflow fails with what failed in there, where the logs are.
        let same = all.filter { $0.failure == found.failure && $0.job.hasPrefix(found.job) }
        return same.max { $0.job.utf8.count < $1.job.utf8.count } ?? found
    }

    /// The log that says most about the failure: its step's, or else that of the last step that failed beside it.
    package var relevantLog: LogTail? {
        guard let primary = primaryFailure else { return steps.last(where: \.tellsOfFailure)?.logs.last }
        if let log = primary.step?.logs.last { return log }
        return steps.last { $0.job == primary.job && $0.tellsOfFailure }?.logs.last
    }

    /// Every failure that counts, of steps before that of their job.
    var failures: [PrimaryFailure] {
        jobs.flatMap { job in
            let own = job.failure.map { [PrimaryFailure(job: job.id, step: nil, failure: $0)] } ?? []
            let ofSteps = job.steps.filter { !$0.isTolerated }.compactMap { step in
                step.failure.map { PrimaryFailure(job: job.id, step: step, failure: $0) }
            }
            return ofSteps + own
        }
    }
}

extension StepSummary {
    /// What a step that went well has said would only mislead.
    fileprivate var tellsOfFailure: Bool { !didSucceed && !logs.isEmpty }
}
