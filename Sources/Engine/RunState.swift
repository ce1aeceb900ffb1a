package import WorkflowModel

/// Where a run stands: a fold over its events, and all the scheduler looks at.
package struct RunState: Sendable, Equatable {
    package enum JobPhase: Sendable, Equatable {
        case pending
        case running
        /// The run ended while it was running: it goes on where it was.
        case interrupted
        case finished(Outcome)
    }

    package struct JobRecord: Sendable, Equatable {
        package var phase: JobPhase = .pending
        package var steps: [String: StepRecord] = [:]
        /// How many steps are finished, whatever came of them: the next one is the one at this place.
        package var finishedSteps = 0
        /// How the first step ended that failed and may not.
        package var stepFailure: Outcome?
        /// It goes wrong by itself, not because it was told to stop.
        package var hasFailed: Bool { stepFailure.map { $0 != .cancellation } ?? false }
        /// Why the job itself could not run.
        package var failure: StepFailure?
        /// It began after the order to stop.
        package var isCleanUp = false
        /// What jobs that need this one see of it.
        package var outputs: [String: Value] = [:]
    }

    package var isStarted = false
    package var inputs: [String: Value] = [:]
    package var cancellation: RunCancelled.Reason?
    package var jobs: [JobPath: JobRecord] = [:]
    package var finished: Verdict?
    /// The commits that were read last, by the job that did.
    private var commits: [JobPath: String] = [:]
    /// The failures that count for the verdict, in the order they happened.
    package var failures: [StepFailure] = []
    /// The jobs that failed by themselves.
    var failedJobs: [JobPath] = []

    package init() {}

    package func step(_ step: String, of job: JobPath) -> StepRecord {
        jobs[job]?.steps[step] ?? StepRecord()
    }

    /// The commit that a job is about: the one it read itself, else the only one that was read.
    func commit(of job: JobPath) -> String? {
        if let own = commits[job] { return own }
        let all = Set(commits.values)
        return all.count == 1 ? all.first : nil
    }

    /// Whether any step was about to change something outside.
    var hasEffects: Bool { jobs.values.contains { $0.steps.values.contains { !$0.effects.isEmpty } } }

    /// What the whole run comes to, once nothing is left to do: a rollback that failed beats the order to stop, that
    /// beats what failed first.
    package var verdict: Verdict {
        if failures.contains(where: { $0.verdict == .rollbackFailed }) { return .rollbackFailed }
        let wasCutShort = jobs.contains { $1.phase == .finished(.cancellation) && !$0.isNested }
        if wasCutShort, let cancellation { return cancellation.verdict }
        return failures.first?.verdict ?? (wasCutShort ? .terminated : .success)
    }

    package mutating func apply(_ payload: any EventPayload) {
        switch payload {
        case let start as RunStarted:
            if isStarted { self = resumed() }
            isStarted = true
            inputs = start.inputs
        case let order as RunCancelled: cancellation = order.signal
        case let end as RunFinished: finished = end.verdict
        case let start as JobStarted:
            let isGoingOn = jobs[start.job]?.phase == .interrupted
            jobs[start.job, default: JobRecord()].phase = .running
            jobs[start.job]?.isCleanUp = cancellation != nil && !isGoingOn
        case let end as JobFinished: finish(end)
        case let start as StepStarted:
            update(start.step, of: start.job) { record in
                record.phase = .running(attempt: start.attempt)
                record.attempts = start.attempt
            }
        case let end as StepFinished: finish(end)
        case let output as OutputRecorded:
            update(output.step, of: output.job) { $0.outputs[output.name] = output.value }
        case let intent as EffectIntended: update(intent.step, of: intent.job) { $0.effects.append(intent) }
        case let read as CommitRead: commits[read.job?.outermost ?? ""] = read.sha
        default: break
        }
    }

    private mutating func finish(_ end: JobFinished) {
        jobs[end.job, default: JobRecord()].phase = .finished(end.result)
        jobs[end.job]?.failure = end.failure
        jobs[end.job]?.outputs = end.outputs ?? [:]
        // What goes wrong in a workflow that a step uses is that step's failure.
        guard !end.job.isNested else { return }
        if let failure = end.failure { failures.append(failure) }
        if end.result.isFailure { failedJobs.append(end.job) }
    }

    private mutating func finish(_ end: StepFinished) {
        let place = jobs[end.job]?.finishedSteps ?? 0
        // A step may hear the order before it is recorded; one that another row's failure stopped fails otherwise.
        let heardOrder = end.result == .cancellation && end.failure?.verdict.outcome == .cancellation
        let wasStopped = heardOrder || cancellation != nil && end.result == .skip
        update(end.step, of: end.job) { record in
            record.failure = end.failure
            record.phase = end.willRetry ? .failedAttempt(end.attempt) : .finished(end.result)
            if end.willRetry { record.generation += 1 } else { (record.place, record.wasStopped) = (place, wasStopped) }
        }
        guard !end.willRetry else { return }
        jobs[end.job]?.finishedSteps += 1
        guard !end.isTolerated else { return }
        if let failure = end.failure, !end.job.isNested { failures.append(failure) }
        if end.result.stopsJob, jobs[end.job]?.stepFailure == nil { jobs[end.job]?.stepFailure = end.result }
    }

    private mutating func update(_ step: String, of job: JobPath, _ change: (inout StepRecord) -> Void) {
        change(&jobs[job, default: JobRecord()].steps[step, default: StepRecord()])
    }
}

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

extension RunState {
    /// What the state of a run that was interrupted becomes when it goes on.
    ///
    /// Steps that are finished stay so, with what they put out. A step that was running is tried again, and knows what
    /// it recorded. An order to stop is forgotten: a job that heard it goes on with the first step that it ended or
    /// kept from running.
    func resumed() -> RunState {
        var state = self
        state.cancellation = nil
        state.finished = nil
        state.failures.removeAll { $0.verdict.outcome == .cancellation }
        for (id, job) in jobs { state.jobs[id] = job.resumed(afterOrder: cancellation != nil) }
        return state
    }
}

extension RunState.JobRecord {
    fileprivate func resumed(afterOrder wasCancelled: Bool) -> Self {
        var job = self
        let firstStopped = steps.values.compactMap { $0.wasStopped ? $0.place : nil }.min()
        if let firstStopped {
            job.finishedSteps = firstStopped
            if job.stepFailure == .cancellation { job.stepFailure = nil }
        }
        job.steps = steps.mapValues { $0.resumed(from: firstStopped) }
        switch phase {
        case .pending, .interrupted: break
        case .running: job.phase = .interrupted
        case .finished(let outcome):
            if firstStopped != nil {
                job.phase = .interrupted
            } else if steps.isEmpty, outcome == .cancellation || wasCancelled && outcome == .skip {
                job = Self()
            }
        }
        if job.phase != phase { (job.failure, job.outputs, job.isCleanUp) = (nil, [:], false) }
        return job
    }
}

extension StepRecord {
    /// Steps from that place on are not finished any more.
    fileprivate func resumed(from firstStopped: Int?) -> StepRecord {
        var step = self
        step.wasStopped = false
        switch phase {
        case .running(let attempt): step.phase = .interrupted(attempt: attempt)
        case .finished:
            guard let place, let firstStopped, place >= firstStopped else { return step }
            step.phase = attempts == 0 ? .pending : .interrupted(attempt: attempts)
            (step.place, step.failure) = (nil, nil)
        case .pending, .failedAttempt, .interrupted: break
        }
        return step
    }
}
