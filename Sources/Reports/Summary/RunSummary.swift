package import Engine
package import FoundationEssentials
package import WorkflowModel

/// All that reports say about a run, folded from its events; a run that was cut off has a summary too.
package struct RunSummary: Sendable, Equatable {
    package struct Tool: Sendable, Equatable {
        package var name: String
        package var version: String
    }

    /// A line for people; those of level `debug` are left to the event stream.
    package struct Note: Sendable, Equatable {
        package var date: Date
        package var step: StepAddress
        package var level: Noted.Level
        package var message: String
    }

    package internal(set) var runID: RunID?
    package internal(set) var workflow: String?
    package internal(set) var tool: Tool?
    package internal(set) var inputs: [String: Value] = [:]
    /// Nil for a run that neither ended nor was told to stop.
    package internal(set) var verdict: Verdict?
    package internal(set) var startedAt: Date?
    /// Nil for a run that did not end.
    package internal(set) var finishedAt: Date?
    /// Up to the last event where the run did not end.
    package internal(set) var duration: Duration = .zero
    /// What the run did to its deployments; also commits that came to none.
    var allRollouts: [RolloutSummary] = []
    /// The deployments that the run got to know, in that order.
    package internal(set) var rollouts: [RolloutSummary] = []
    /// The revisions that steps waited for, by the step.
    var awaited: [StepAddress: [RevisionSummary]] = [:]
    /// The rollout that the verdict comes down to: that of the failure, else the last one. Empty where the failure
    /// was of none.
    package internal(set) var main = RolloutSummary()
    /// In the order they began.
    package internal(set) var jobs: [JobSummary] = []
    package internal(set) var notes: [Note] = []
    package internal(set) var requests: RequestsCounted?

    package init(events: [RunEvent]) {
        var fold = RunFold()
        for event in events.sorted(by: { $0.sequence < $1.sequence }) { fold.add(event) }
        self = fold.finished()
    }

    init() {}
}

extension RunSummary {
    package var isFinished: Bool { finishedAt != nil }

    /// The end of what is known of the run.
    var lastMoment: Date? { finishedAt ?? startedAt?.addingTimeInterval(duration / .seconds(1)) }

    package var steps: [StepSummary] { jobs.flatMap(\.steps) }

    /// Of all deployments, in the order these were first seen.
    package var revisions: [RevisionSummary] { allRollouts.flatMap(\.revisions) }

    package var warnings: [String] { notes.filter { $0.level == .warning }.map(\.message) }

    /// The revisions that a step waited for.
    package func revisions(awaitedBy step: StepAddress) -> [RevisionSummary] { awaited[step] ?? [] }
}
