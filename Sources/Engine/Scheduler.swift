import WorkflowModel

/// Decides what to do next in a run: a pure function of the workflow and the state.
package struct Scheduler: Sendable {
    /// One action to start now.
    package enum Decision: Hashable, Sendable {
        case startJob(JobPath)
        /// The jobs that its matrix needs are finished.
        case makeRows(JobPath)
        case finishJob(JobPath, Outcome)
        /// The job's condition cannot be evaluated, or its needs never finish.
        case failJob(JobPath, StepFailure)
        case startStep(job: JobPath, step: String, attempt: Int, after: Duration)
        case skipStep(job: JobPath, step: String)
        /// The step's condition cannot be evaluated.
        case failStep(job: JobPath, step: String, StepFailure)
        case finishRun

        /// Nil for the end of the run.
        var job: JobPath? {
            switch self {
            case .startJob(let job), .makeRows(let job), .finishJob(let job, _), .failJob(let job, _): job
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

    package init(plan: RunPlan, registry: StepRegistry, context: RunContext = RunContext()) {
        self.init(plan: plan, contexts: ContextBuilder(plan: plan, registry: registry, context: context))
    }

    /// The possible decisions: at most one for each job, and at least one unless a job is running.
    package func decide(_ state: RunState) -> [Decision] {
        var readyQueue = ReadyQueue(plan, state)
        return decide(&readyQueue, state)
    }

    /// The same for what changed since the last call. The queue must be updated with every later change of the state.
    package func decide(_ readyQueue: inout ReadyQueue, _ state: RunState) -> [Decision] {
        let decisions = readyQueue.removeAllReady().compactMap { decide(about: $0, &readyQueue, state) }
        if readyQueue.isOver { return [.finishRun] }
        guard decisions.isEmpty, readyQueue.isIdle, let stuck = readyQueue.firstUnfinished else { return decisions }
        return [
            .failJob(
                stuck.id,
                StepFailure(
                    .invalidWorkflow, code: "InvalidJob",
                    "job '\(stuck.id)': it needs \(stuck.job.needs.joined(separator: ", ")), which never finishes"))
        ]
    }

    private func decide(about index: Int, _ readyQueue: inout ReadyQueue, _ state: RunState) -> Decision? {
        let job = plan.jobs[index]
        let phase = state.jobs[job.id]?.phase ?? .pending
        // Without a slot its condition need not be evaluated yet, unless the job is to be cancelled.
        let waits = readyQueue.waitsForSlot(index)
        if waits, !isCancelled(job, in: state) {
            readyQueue.queue(index)
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
            readyQueue.queue(index)
            return nil
        case .startJob, .startStep: readyQueue.markBusy(index)
        default: break
        }
        return decision
    }

    /// The row of the job's matrix whose failure cancels the others; nil if none did. A row that failed too continues
    /// with its cleanup.
    func failedRow(cancelling job: PlannedJob, in state: RunState) -> JobPath? {
        guard job.job.strategy?.failFast == true, state.jobs[job.id]?.hasFailed != true else { return nil }
        return state.failedJobs.first { $0 != job.id && plan[$0]?.group == job.group }
    }

    /// Whether a step that starts after another row failed is cleanup.
    func isCleanup(_ step: StepDefinition, of job: PlannedJob, in state: RunState) -> Bool {
        guard failedRow(cancelling: job, in: state) != nil else { return false }
        // A condition that cannot be evaluated does not run the step.
        return (try? evaluator(for: job, step: step, .cancelled, in: state).holds(step.condition)) == true
    }

    /// The status for the steps of a job. In a job that started after a cancellation only its own steps count.
    func status(of job: PlannedJob, in state: RunState) -> RunStatus {
        let record = state.jobs[job.id]
        if isCancelled(job, in: state) { return .cancelled }
        return record?.stepFailure == nil ? .succeeding : .failed
    }

    private func isCancelled(_ job: PlannedJob, in state: RunState) -> Bool {
        state.cancellation != nil && state.jobs[job.id]?.isCleanup != true
            || failedRow(cancelling: job, in: state) != nil
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
        if failedRow(cancelling: job, in: state) != nil || readyQueue.isExhausted(job.group) {
            return .finishJob(job.id, .skip)
        }
        guard let status = status(ofNeeds: job, readyQueue) else { return nil }
        do {
            let wouldRun = try evaluator(for: job, status, in: state).holds(job.job.condition)
            let start = job.awaitsRows ? Decision.makeRows(job.id) : .startJob(job.id)
            guard state.cancellation != nil else { return wouldRun ? start : .finishJob(job.id, .skip) }
            if try evaluator(for: job, .cancelled, in: state).holds(job.job.condition) { return start }
            // Without the cancellation it would have run, so this is not a skip.
            return .finishJob(job.id, wouldRun ? .cancellation : .skip)
        } catch {
            return .failJob(job.id, StepFailure(error, in: "job '\(job.id)': if", code: "InvalidJob"))
        }
    }

    /// Nil until all of them are finished.
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
        case .finished:
            return .failStep(
                job: job.id, step: step.id,
                StepFailure(.invalidWorkflow, code: "InvalidExpression", "duplicate step id"))
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
            return .failStep(job: job.id, step: step.id, StepFailure(error, in: "if"))
        }
    }

    private func outcome(of job: PlannedJob, in state: RunState) -> Outcome {
        if wasCancelled(job, in: state) { return .cancellation }
        return state.jobs[job.id]?.stepFailure ?? .success
    }

    /// Whether a cancellation ended a step, or prevented one that would have run without it.
    private func wasCancelled(_ job: PlannedJob, in state: RunState) -> Bool {
        guard isCancelled(job, in: state) else { return false }
        var status = RunStatus.succeeding
        for step in job.job.steps {
            let outcome = state.step(step.id, of: job.id).outcome
            if outcome == .cancellation { return true }
            // A step whose condition cannot be evaluated would not have run.
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
