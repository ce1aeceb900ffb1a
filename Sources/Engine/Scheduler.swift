import WorkflowModel

/// Decides what comes next in a run: a pure function of the workflow and the state.
package struct Scheduler: Sendable {
    /// One thing to do now.
    package enum Decision: Hashable, Sendable {
        case startJob(JobPath)
        case finishJob(JobPath, Outcome)
        /// The job's condition has no value, or what it needs will never be there.
        case failJob(JobPath, message: String)
        case startStep(job: JobPath, step: String, attempt: Int, after: Duration)
        case skipStep(job: JobPath, step: String)
        /// The step's condition has no value.
        case failStep(job: JobPath, step: String, message: String)
        case finishRun

        /// Nil for the end of the run.
        var job: JobPath? {
            switch self {
            case .startJob(let job), .finishJob(let job, _), .failJob(let job, _): job
            case .startStep(let job, _, _, _), .skipStep(let job, _), .failStep(let job, _, _): job
            case .finishRun: nil
            }
        }
    }

    private let plan: RunPlan
    private let contexts: ContextBuilder

    init(plan: RunPlan, contexts: ContextBuilder) {
        self.plan = plan
        self.contexts = contexts
    }

    package init(plan: RunPlan, registry: StepRegistry, facts: RunContext = RunContext()) {
        self.init(plan: plan, contexts: ContextBuilder(plan: plan, registry: registry, facts: facts))
    }

    /// What can be done now; at most one decision for each job, and never none before the end unless a job is running.
    package func decide(_ state: RunState) -> [Decision] {
        var readyQueue = ReadyQueue(plan, state)
        return decide(&readyQueue, state)
    }

    /// The same for what changed since the last time. The readyQueue has to hear of every change of the state after it.
    package func decide(_ readyQueue: inout ReadyQueue, _ state: RunState) -> [Decision] {
        let decisions = readyQueue.takeDue().compactMap { decide(about: $0, &readyQueue, state) }
        if readyQueue.isOver { return [.finishRun] }
        guard decisions.isEmpty, readyQueue.isIdle, let stuck = readyQueue.firstUnfinished else { return decisions }
        return [.failJob(stuck.id, message: "it needs \(stuck.job.needs.joined(separator: ", ")), which never ends")]
    }

    private func decide(about place: Int, _ readyQueue: inout ReadyQueue, _ state: RunState) -> Decision? {
        let job = plan.jobs[place]
        let phase = state.jobs[job.id]?.phase ?? .pending
        // Its condition can wait until it may run, unless there is an end to be made of it.
        let waits = readyQueue.waitsForSlot(place)
        if waits, !isStopped(job, in: state) {
            readyQueue.queue(place)
            return nil
        }
        let decision =
            switch phase {
            case .running: decide(running: job, state)
            case .interrupted: Decision?.some(.startJob(job.id))
            case .pending, .finished: decide(pending: job, readyQueue, state)
            }
        switch decision {
        case .startJob where waits:
            readyQueue.queue(place)
            return nil
        case .startJob, .startStep: readyQueue.engage(place)
        default: break
        }
        return decision
    }

    /// The row of the job's matrix whose failure stops the others; nil when none does. One that failed too is left to
    /// undo what it did.
    func failedRow(stopping job: PlannedJob, in state: RunState) -> JobPath? {
        guard job.job.strategy?.failFast == true, state.jobs[job.id]?.hasFailed != true else { return nil }
        return state.failedJobs.first { $0 != job.id && plan[$0]?.group == job.group }
    }

    /// Whether a step that begins after another row failed cleans up.
    func cleansUp(_ step: StepDefinition, of job: PlannedJob, in state: RunState) -> Bool {
        guard failedRow(stopping: job, in: state) != nil else { return false }
        // A condition without a value is no reason to run.
        return (try? evaluator(for: job, step: step, .cancelled, in: state).holds(step.condition)) == true
    }

    /// How things stand for the steps of a job. One that began after the order to stop cleans up: its steps look at one
    /// another only.
    func status(of job: PlannedJob, in state: RunState) -> RunStatus {
        let record = state.jobs[job.id]
        if isStopped(job, in: state) { return .cancelled }
        return record?.stepFailure == nil ? .succeeding : .failed
    }

    private func isStopped(_ job: PlannedJob, in state: RunState) -> Bool {
        state.cancellation != nil && state.jobs[job.id]?.isCleanUp != true || failedRow(stopping: job, in: state) != nil
    }

    private func evaluator(
        for job: PlannedJob, step: StepDefinition? = nil, _ status: RunStatus, in state: RunState
    ) -> Evaluator {
        contexts.evaluator(for: job, step: step, status: status) { state }
    }
}

// MARK: - Jobs

extension Scheduler {
    private func decide(pending job: PlannedJob, _ readyQueue: ReadyQueue, _ state: RunState) -> Decision? {
        if failedRow(stopping: job, in: state) != nil { return .finishJob(job.id, .skip) }
        guard let status = status(ofNeeds: job, readyQueue) else { return nil }
        do {
            let isDue = try evaluator(for: job, status, in: state).holds(job.job.condition)
            guard state.cancellation != nil else { return isDue ? .startJob(job.id) : .finishJob(job.id, .skip) }
            if try evaluator(for: job, .cancelled, in: state).holds(job.job.condition) { return .startJob(job.id) }
            // Without the order to stop it would have run: that is no skip.
            return .finishJob(job.id, isDue ? .cancellation : .skip)
        } catch {
            return .failJob(job.id, message: "if: \(error.message)")
        }
    }

    /// Nil as long as one of them is not finished.
    private func status(ofNeeds job: PlannedJob, _ readyQueue: ReadyQueue) -> RunStatus? {
        var status = RunStatus.succeeding
        for need in job.job.needs {
            guard let result = readyQueue.result(of: need) else { return nil }
            if result.followsFailure {
                status = .failed
            } else if result.outcome == .skip, status == .succeeding {
                status = .skipped
            }
        }
        return status
    }
}

// MARK: - Steps

extension Scheduler {
    private func decide(running job: PlannedJob, _ state: RunState) -> Decision? {
        let next = state.jobs[job.id]?.finishedSteps ?? 0
        guard job.job.steps.indices.contains(next) else { return .finishJob(job.id, outcome(of: job, in: state)) }
        let step = job.job.steps[next]
        switch state.step(step.id, of: job.id).phase {
        case .running: return nil
        case .finished: return .failStep(job: job.id, step: step.id, message: "two steps of the job have this id")
        case .failedAttempt(let attempt):
            let pause = step.retry?.pause(after: attempt) ?? .zero
            return .startStep(job: job.id, step: step.id, attempt: attempt + 1, after: pause)
        case .interrupted(let attempt):
            return .startStep(job: job.id, step: step.id, attempt: attempt + 1, after: .zero)
        case .pending: return decide(pending: step, of: job, state)
        }
    }

    private func decide(pending step: StepDefinition, of job: PlannedJob, _ state: RunState) -> Decision {
        do {
            return try evaluator(for: job, step: step, status(of: job, in: state), in: state).holds(step.condition)
                ? .startStep(job: job.id, step: step.id, attempt: 1, after: .zero)
                : .skipStep(job: job.id, step: step.id)
        } catch {
            return .failStep(job: job.id, step: step.id, message: "if: \(error.message)")
        }
    }

    private func outcome(of job: PlannedJob, in state: RunState) -> Outcome {
        if wasCutShort(job, in: state) { return .cancellation }
        return state.jobs[job.id]?.stepFailure ?? .success
    }

    /// Whether the order to stop ended a step, or kept one from running that would have run without it.
    private func wasCutShort(_ job: PlannedJob, in state: RunState) -> Bool {
        guard isStopped(job, in: state) else { return false }
        var status = RunStatus.succeeding
        for step in job.job.steps {
            let outcome = state.step(step.id, of: job.id).outcome
            if outcome == .cancellation { return true }
            // A condition without a value was no reason to run.
            if outcome == .skip,
                (try? evaluator(for: job, step: step, status, in: state).holds(step.condition)) == true
            {
                return true
            }
            if outcome?.stopsJob == true, !step.continueOnError { status = .failed }
        }
        return false
    }
}
