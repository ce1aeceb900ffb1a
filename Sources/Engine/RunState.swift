package import WorkflowModel

/// The state of a run, reduced from its events; the input of the scheduler.
package struct RunState: Sendable, Equatable {
    package enum JobPhase: Sendable, Equatable {
        case pending
        case running
        /// The run ended while it was running; it is resumed where it was.
        case interrupted
        case finished(Outcome)
    }

    package struct JobRecord: Sendable, Equatable {
        package var phase: JobPhase = .pending
        package var steps: [String: StepRecord] = [:]
        /// The number of finished steps, with any outcome, which is the index of the next step.
        package var finishedSteps = 0
        /// The outcome of the first step that failed without being tolerated.
        package var stepFailure: Outcome?
        /// Whether a step failed other than by cancellation.
        package var hasFailed: Bool { stepFailure.map { $0 != .cancellation } ?? false }
        /// Whether that step ended because somebody else's change replaced its own.
        package var isSuperseded = false
        /// Why the job itself failed to run.
        package var failure: StepFailure?
        /// Whether it started after a cancellation.
        package var isCleanup = false
        /// Values for jobs that need this one.
        package var outputs: [String: Value] = [:]
        /// Whether a step of a workflow that it used intended an effect; those records are gone.
        var hadEffects = false
        /// How many jobs had started when it finished.
        fileprivate var startsBefore = 0
    }

    private struct JobFailure: Sendable, Equatable {
        var job: JobPath
        var failure: StepFailure
    }

    package var isStarted = false
    package var inputs: [String: Value] = [:]
    package var cancellation: RunCancelled.Reason?
    package var jobs: [JobPath: JobRecord] = [:]
    package var finished: Verdict?
    /// The last commit that each job read.
    private var commits: [JobPath: String] = [:]
    /// The failures that count for the verdict, in order.
    private var failuresOfJobs: [JobFailure] = []
    package var failures: [StepFailure] { failuresOfJobs.map(\.failure) }
    /// The jobs that failed other than by cancellation.
    var failedJobs: [JobPath] = []
    /// The jobs of workflows that the steps of running jobs use, by the job of the run.
    private var nestedJobs: [JobPath: Set<JobPath>] = [:]
    private var startedJobs = 0
    /// The number of the latest start among the rows of each job.
    private var latestStarts: [String: Int] = [:]

    package init() {}

    package func step(_ step: String, of job: JobPath) -> StepRecord {
        jobs[job]?.steps[step] ?? StepRecord()
    }

    /// The commit of a job: the one it read, else the only one that any job read.
    func commit(of job: JobPath) -> String? {
        if let own = commits[job] { return own }
        let all = Set(commits.values)
        return all.count == 1 ? all.first : nil
    }

    /// Whether any step intended an effect.
    var hasEffects: Bool {
        jobs.values.contains { $0.hadEffects || $0.steps.values.contains { !$0.effects.isEmpty } }
    }

    /// The verdict of the run once nothing is left to do: a failed rollback before a cancellation before the first
    /// failure. That somebody else's change replaced ours is only the verdict where nothing failed.
    package var verdict: Verdict {
        if failures.contains(where: { $0.verdict == .rollbackFailed }) { return .rollbackFailed }
        let wasCancelled = jobs.contains { $1.phase == .finished(.cancellation) && !$0.isNested }
        if wasCancelled, let cancellation { return cancellation.verdict }
        let failure = failures.first { $0.verdict != .superseded } ?? failures.first
        return failure?.verdict ?? (wasCancelled ? .terminated : .success)
    }

    package mutating func apply(_ payload: any EventPayload) {
        switch payload {
        case let start as RunStarted:
            if isStarted { self = resumed() }
            if let jobs = start.repeatedJobs { removeRecords(of: Set(jobs)) }
            isStarted = true
            inputs = start.inputs
        case let cancelled as RunCancelled: cancellation = cancelled.signal
        case let end as RunFinished: finished = end.verdict
        case let start as JobStarted:
            let isResumed = jobs[start.job]?.phase == .interrupted
            jobs[start.job, default: JobRecord()].phase = .running
            jobs[start.job]?.isCleanup = cancellation != nil && !isResumed
            if start.job.isNested {
                nestedJobs[start.job.outermost, default: []].insert(start.job)
            } else {
                startedJobs += 1
                latestStarts[start.job.group] = startedJobs
            }
        case let end as JobFinished: finish(end)
        case let start as StepStarted:
            update(start.step, of: start.job) { record in
                record.phase = .running(attempt: start.attempt)
                record.attempts = start.attempt
                (record.latestOutputs, record.variables, record.searchPath) = ([], [:], [])
            }
        case let end as StepFinished: finish(end)
        case let output as OutputRecorded:
            update(output.step, of: output.job) { record in
                record.outputs[output.name] = output.value
                record.latestOutputs.insert(output.name)
            }
        case let set as EnvironmentRecorded:
            update(set.step, of: set.job) { ($0.variables, $0.searchPath) = (set.variables, set.path) }
        case let intent as EffectIntended:
            update(intent.step, of: intent.job) { record in
                record.effects.append(intent)
                record.requested.insert(intent.effect)
            }
        case let refusal as EffectRefused:
            update(refusal.step, of: refusal.job) { record in
                guard let last = record.effects.lastIndex(where: { $0.effect == refusal.effect }) else { return }
                record.effects.remove(at: last)
            }
        case let start as ProgramStarted: update(start.step, of: start.job) { $0.programs.append(start.program) }
        case let read as CommitRead: commits[read.job?.outermost ?? ""] = read.sha
        default: break
        }
    }

    private mutating func finish(_ end: JobFinished) {
        jobs[end.job, default: JobRecord()].phase = .finished(end.result)
        jobs[end.job]?.failure = end.failure
        jobs[end.job]?.outputs = end.outputs ?? [:]
        jobs[end.job]?.startsBefore = startedJobs
        // A failure in a workflow that a step uses is that step's failure.
        guard !end.job.isNested else { return }
        if end.result == .success, end.job.isRow { removeNestedJobs(of: end.job) }
        if let failure = end.failure { failuresOfJobs.append(JobFailure(job: end.job, failure: failure)) }
        if end.result.isFailure { failedJobs.append(end.job) }
    }

    /// Nothing reads them any more, and a matrix may have thousands of rows.
    private mutating func removeNestedJobs(of job: JobPath) {
        for nested in nestedJobs.removeValue(forKey: job) ?? [] {
            let record = jobs.removeValue(forKey: nested)
            if record?.steps.values.contains(where: { !$0.effects.isEmpty }) == true { jobs[job]?.hadEffects = true }
        }
    }

    private mutating func finish(_ end: StepFinished) {
        let index = jobs[end.job]?.finishedSteps ?? 0
        // A step can end by a cancellation before that is recorded; one cancelled by another row's failure has another verdict.
        let endedByCancellation = end.result == .cancellation && end.failure?.verdict.outcome == .cancellation
        let wasCancelled = endedByCancellation || cancellation != nil && end.result == .skip
        update(end.step, of: end.job) { record in
            record.failure = end.failure
            record.phase = end.willRetry ? .failedAttempt(end.attempt) : .finished(end.result)
            if end.willRetry {
                record.generation += 1
            } else {
                (record.index, record.wasCancelled) = (index, wasCancelled)
                record.isMomentary = end.isMomentary == true
            }
        }
        guard !end.willRetry else { return }
        jobs[end.job]?.finishedSteps += 1
        guard !end.isTolerated else { return }
        if let failure = end.failure, !end.job.isNested {
            failuresOfJobs.append(JobFailure(job: end.job, failure: failure))
        }
        if end.result.stopsJob, jobs[end.job]?.stepFailure == nil {
            jobs[end.job]?.stepFailure = end.result
            jobs[end.job]?.isSuperseded = end.failure?.verdict == .superseded
        }
    }

    /// The jobs start from nothing: an intent of the first time does not count as done.
    private mutating func removeRecords(of repeated: Set<JobPath>) {
        jobs = jobs.filter { !repeated.contains($0.key.outermost) }
        commits = commits.filter { !repeated.contains($0.key) }
        failuresOfJobs.removeAll { repeated.contains($0.job) }
        failedJobs.removeAll { repeated.contains($0) }
    }

    private mutating func update(_ step: String, of job: JobPath, _ change: (inout StepRecord) -> Void) {
        change(&jobs[job, default: JobRecord()].steps[step, default: StepRecord()])
    }
}

/// The state of one step.
package struct StepRecord: Sendable, Equatable {
    package enum Phase: Sendable, Equatable {
        case pending
        case running(attempt: Int)
        /// The given attempt failed and another follows.
        case failedAttempt(Int)
        /// The run ended during the given attempt.
        case interrupted(attempt: Int)
        case finished(Outcome)
    }

    package var phase: Phase = .pending
    /// Of all attempts; a later attempt continues with what an earlier one recorded.
    package var outputs: [String: Value] = [:]
    /// The names of those that the latest attempt recorded.
    var latestOutputs: Set<String> = []
    /// The variables and folders of PATH for the later steps of the job, from the latest attempt.
    var variables: [String: Value] = [:]
    var searchPath: [String] = []
    /// Intended effects, in order, without those that were refused.
    package var effects: [EffectIntended] = []
    /// The names of all effects, also of refused ones.
    var requested: Set<String> = []
    /// The programs of all attempts, in order; most have ended.
    package var programs: [StartedProgram] = []
    package var failure: StepFailure?
    /// The number of started attempts.
    package var attempts = 0
    /// The attempt number from 1, not counting attempts that continue an interrupted one.
    var generation = 1
    /// Whether a cancellation ended it or prevented it from running.
    package var wasCancelled = false
    /// The index among the job's steps, once it is finished.
    package var index: Int?
    /// Whether its success tells what was live at that moment only.
    var isMomentary = false

    package init() {}

    package var outcome: Outcome? {
        if case .finished(let outcome) = phase { outcome } else { nil }
    }
}

extension RunState {
    /// The state of an interrupted run when it is resumed.
    ///
    /// Finished steps keep their outcomes and outputs. A step that was running gets a new attempt, with what it recorded.
    /// A cancellation no longer applies: a cancelled job continues with the first step that it ended or prevented. A job
    /// whose last result tells what was live then continues with that step, unless the run ended or went on to another job.
    package func resumed() -> RunState {
        var state = self
        let wasEnding = finished == nil && cancellation == nil && jobs.values.allSatisfy(\.hasSucceeded)
        state.cancellation = nil
        state.finished = nil
        state.failuresOfJobs.removeAll { $0.failure.verdict.outcome == .cancellation }
        for (id, job) in jobs {
            state.jobs[id] = job.resumed(
                afterCancellation: cancellation != nil, wasEnding: wasEnding && !isFollowed(job, of: id))
        }
        return state
    }

    /// Whether another job, not a row of the same one, started after it: that may work with what this one has found.
    private func isFollowed(_ job: JobRecord, of id: JobPath) -> Bool {
        latestStarts.contains { $0.key != id.group && $0.value > job.startsBefore }
    }
}

extension RunState.JobRecord {
    /// Whether a row counts for `max-failures`: one that somebody else replaced says nothing about the other rows.
    var countsAsFailure: Bool {
        if case .finished(let outcome) = phase { outcome.isFailure && !isSuperseded } else { false }
    }

    /// Without a failure or a cancellation.
    fileprivate var hasSucceeded: Bool {
        if case .finished(let outcome) = phase { !outcome.stopsJob } else { false }
    }

    fileprivate func resumed(afterCancellation runWasCancelled: Bool, wasEnding: Bool) -> Self {
        var job = self
        let firstCancelled = steps.values.compactMap { $0.wasCancelled ? $0.index : nil }.min()
        let firstRepeated = firstCancelled ?? (phase == .running || wasEnding ? lastMomentary : nil)
        if let firstRepeated {
            job.finishedSteps = firstRepeated
            if job.stepFailure == .cancellation { job.stepFailure = nil }
        }
        job.steps = steps.mapValues { $0.resumed(from: firstRepeated) }
        switch phase {
        case .pending, .interrupted: break
        case .running: job.phase = .interrupted
        case .finished(let outcome):
            if firstRepeated != nil {
                job.phase = .interrupted
            } else if steps.isEmpty, outcome == .cancellation || runWasCancelled && outcome == .skip {
                job = Self()
            }
        }
        if job.phase != phase { (job.failure, job.outputs, job.isCleanup) = (nil, [:], false) }
        return job
    }

    /// The index of the last step that ran, if its success told what was live then and nothing has followed from it.
    private var lastMomentary: Int? {
        guard stepFailure == nil, steps.values.allSatisfy({ $0.outcome != nil }) else { return nil }
        let last = steps.values.filter { $0.attempts > 0 }.max { ($0.index ?? 0) < ($1.index ?? 0) }
        guard let last, last.isMomentary, last.outcome == .success else { return nil }
        return last.index
    }
}

extension StepRecord {
    /// Steps from that index on are no longer finished.
    fileprivate func resumed(from first: Int?) -> StepRecord {
        var step = self
        step.wasCancelled = false
        switch phase {
        case .running(let attempt): step.phase = .interrupted(attempt: attempt)
        case .finished:
            guard let index, let first, index >= first else { return step }
            step.phase = attempts == 0 ? .pending : .interrupted(attempt: attempts)
            (step.index, step.failure) = (nil, nil)
        case .pending, .failedAttempt, .interrupted: break
        }
        return step
    }
}
