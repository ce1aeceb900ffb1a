package import Engine
package import FoundationEssentials
package import WorkflowModel

/// Everything that reports say about a run, reduced from its events. An interrupted run has a summary too.
package struct RunSummary: Sendable, Equatable {
    package struct Tool: Sendable, Equatable {
        package var name: String
        package var version: String
    }

    /// A message for people; those of level `debug` are in the event stream only.
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
    /// Where and by whom the run was started; nil in the journal of an earlier version.
    package internal(set) var origin: RunOrigin?
    /// What other commands need to reach the control plane of the run, with a blank before it.
    var commandFlags = ""
    /// Nil for a run that neither finished nor was cancelled.
    package internal(set) var verdict: Verdict?
    /// Whether a process writes its journal, so that it is in progress and not cut off.
    package var isRunning = false
    package internal(set) var startedAt: Date?
    /// Nil for a run that did not finish.
    package internal(set) var finishedAt: Date?
    /// Up to the last event where the run did not finish.
    package internal(set) var duration: Duration = .zero
    /// What the run did to its deployments, and commits that belong to none.
    var allRollouts: [RolloutSummary] = []
    /// The deployments of the run, in the order they were first seen.
    package internal(set) var rollouts: [RolloutSummary] = []
    /// The revisions that steps waited for, by the step.
    var awaited: [StepAddress: [RevisionSummary]] = [:]
    /// The rollout that decided the verdict: that of the failure, else the last one. Empty where the failure belongs
    /// to none.
    package internal(set) var main = RolloutSummary()
    /// The waves of its fleets; empty for a run without one.
    var fleet = FleetWaves()
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

    /// The same run, of a process that ends in another way: one that could not write a report.
    package func ending(as verdict: Verdict) -> RunSummary {
        var copy = self
        copy.verdict = verdict
        return copy
    }

    /// The time of the last event.
    var lastMoment: Date? { finishedAt ?? startedAt?.addingTimeInterval(duration / .seconds(1)) }

    package var steps: [StepSummary] { jobs.flatMap(\.steps) }

    /// Of all deployments, in the order these were first seen.
    package var revisions: [RevisionSummary] { allRollouts.flatMap(\.revisions) }

    package var warnings: [String] { notes.filter { $0.level == .warning }.map(\.message) }

    /// The revisions that a step waited for.
    package func revisions(awaitedBy step: StepAddress) -> [RevisionSummary] { awaited[step] ?? [] }
}

extension RunSummary {
    /// Whether facts need the name of their deployment.
    package var hasSeveralRollouts: Bool { rollouts.count > 1 }

    /// The rollout that a job worked on, itself, in a workflow that it uses, or for the job that uses it.
    package func rollout(of job: String) -> RolloutSummary? {
        if let own = rollouts.first(where: { $0.jobs.contains(job) }) { return own }
        let path = JobPath(text: job)
        let related = rollouts.filter { rollout in
            rollout.jobs.map(JobPath.init(text:)).contains { $0.isInside(path) || path.isInside($0) }
        }
        return related.count == 1 ? related.first : nil
    }

    /// See `main`.
    var decisiveRollout: RolloutSummary {
        let primary = primaryFailure
        if let job = primary?.job, let rollout = rollout(of: job) { return rollout }
        let isOfTarget = primary.map { fleet.row(of: $0.job) != nil } ?? false
        guard primary != nil, hasSeveralRollouts || isOfTarget else {
            return rollouts.last ?? allRollouts.last ?? RolloutSummary()
        }
        // Facts of other deployments must not stand beside this failure.
        return allRollouts.first { $0.deployment == nil && $0.jobs.contains(primary?.job ?? "") } ?? RolloutSummary()
    }
}

extension RunSummary {
    /// The failures after which nothing could be read any more: what is live may have changed since.
    private static let blindFailures: Set<String> = [
        "KeyRefusedMeanwhile", "DeploymentDeleted", "OutcomeUnknown", "NotAuthorised", "ControlPlaneUnreachable",
    ]

    /// What the live revision is called: as it is, or as it was read last.
    var liveLabel: String {
        let isBlind = verdict == nil || Self.blindFailures.contains(primaryFailure?.failure.code ?? "")
        return isBlind ? "last seen" : "live now"
    }
}

/// The failure that decided a run's verdict, and its step.
package struct PrimaryFailure: Sendable, Equatable {
    package var job: String
    /// Nil when the job itself could not run.
    package var step: StepSummary?
    package var failure: StepFailure
}

extension RunSummary {
    /// Nil for a successful run, and for one that was only cancelled.
    package var primaryFailure: PrimaryFailure? {
        guard verdict?.outcome != .success else { return nil }
        let all = failures
        // The reason of a rollback comes before the failure of the rollback.
        let fitting = verdict == .rollbackFailed ? all : all.filter { $0.failure.verdict == verdict }
        // A step that was cancelled because another row failed is not the reason.
        let found = fitting.first { $0.step?.result != .cancellation } ?? fitting.first ?? all.first
        guard let found else { return nil }
        // A step that uses a workflow has the failure of the step inside, which has the logs.
        let same = all.filter { $0.failure == found.failure && $0.job.hasPrefix(found.job) }
        return same.max { $0.job.utf8.count < $1.job.utf8.count } ?? found
    }

    /// The log that explains the failure: that of its step, else that of the last step of its job that failed.
    package var relevantLog: LogTail? { stepWithLog?.logs.last }

    /// The file that has the whole of that log.
    var relevantLogFile: String? { stepWithLog?.logFile }

    private var stepWithLog: StepSummary? {
        guard let primary = primaryFailure else { return steps.last(where: \.hasFailureLog) }
        if let step = primary.step, !step.logs.isEmpty { return step }
        return steps.last { $0.job == primary.job && $0.hasFailureLog }
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
    /// The log of a step that succeeded would mislead.
    fileprivate var hasFailureLog: Bool { !didSucceed && !logs.isEmpty }
}

extension Verdict {
    /// The verdict of several runs together: a failed rollback comes before a cancellation, and that before the first
    /// failure. Nil while one of them has not finished and none has failed.
    package static func merged(_ verdicts: [Verdict?]) -> Verdict? {
        let known = verdicts.compactMap(\.self)
        let worst =
            known.first { $0 == .rollbackFailed } ?? known.first { $0.outcome == .cancellation }
            ?? known.first { $0.outcome != .success }
        guard worst == nil else { return worst }
        return known.count == verdicts.count ? known.first { $0 != .success } ?? .success : nil
    }
}
