package import WorkflowModel

/// Decides what comes next in a run: a pure function of the workflow and the state.
package struct Scheduler: Sendable {
    /// One thing to do now.
    package enum Decision: Hashable, Sendable {
        case startJob(String)
        case finishJob(String, Outcome)
        /// The job's condition has no value, or what it needs will never be there.
        case failJob(String, message: String)
        case startStep(job: String, step: String, attempt: Int, after: Duration)
        case skipStep(job: String, step: String)
        /// The step's condition has no value.
        case failStep(job: String, step: String, message: String)
        case finishRun

        /// Nil for the end of the run.
        var job: String? {
            switch self {
            case .startJob(let job), .finishJob(let job, _), .failJob(let job, _): job
            case .startStep(let job, _, _, _), .skipStep(let job, _), .failStep(let job, _, _): job
            case .finishRun: nil
            }
        }
    }

    private let workflow: Workflow
    private let contexts: ContextBuilder

    package init(workflow: Workflow, registry: StepRegistry) {
        self.workflow = workflow
        contexts = ContextBuilder(registry: registry)
    }

    /// What can be done now; at most one decision for each job, and never none before the end unless a job is running.
    package func decide(_ state: RunState) -> [Decision] {
        var decisions: [Decision] = []
        var unfinished: [Job] = []
        var isRunning = false
        for job in workflow.jobs {
            switch state.jobs[job.id]?.phase ?? .pending {
            case .finished: continue
            case .pending:
                unfinished.append(job)
                if let decision = decide(pending: job, state) { decisions.append(decision) }
            case .running:
                unfinished.append(job)
                isRunning = true
                if let decision = decide(running: job, state) { decisions.append(decision) }
            }
        }
        guard let stuck = unfinished.first else { return [.finishRun] }
        guard decisions.isEmpty, !isRunning else { return decisions }
        return [.failJob(stuck.id, message: "it needs \(stuck.needs.joined(separator: ", ")), which never ends")]
    }

    /// How things stand for the steps of a job. One that began after the order to stop cleans up: its steps look at one
    /// another only.
    func standing(of job: Job, in state: RunState) -> RunStanding {
        let record = state.jobs[job.id]
        if state.cancellation != nil, record?.isCleanUp != true { return .cancelled }
        return record?.stepFailure == nil ? .succeeding : .failed
    }

    private func evaluator(for job: Job, _ standing: RunStanding, in state: RunState) -> Evaluator {
        Evaluator(standing: standing) { contexts.contexts(of: job, in: state) }
    }
}

// MARK: - Jobs

extension Scheduler {
    private func decide(pending job: Job, _ state: RunState) -> Decision? {
        guard let standing = standing(ofNeeds: job, in: state) else { return nil }
        do {
            let isDue = try evaluator(for: job, standing, in: state).holds(job.condition)
            guard state.cancellation != nil else { return isDue ? .startJob(job.id) : .finishJob(job.id, .skip) }
            if try evaluator(for: job, .cancelled, in: state).holds(job.condition) { return .startJob(job.id) }
            // Without the order to stop it would have run: that is no skip.
            return .finishJob(job.id, isDue ? .cancellation : .skip)
        } catch {
            return .failJob(job.id, message: "if: \(error.message)")
        }
    }

    /// Nil as long as one of them is not finished.
    private func standing(ofNeeds job: Job, in state: RunState) -> RunStanding? {
        var outcomes: [Outcome] = []
        for need in job.needs {
            guard case .finished(let outcome) = state.jobs[need]?.phase else { return nil }
            outcomes.append(outcome)
        }
        if outcomes.contains(where: \.stopsTheJob) || hasFailedAncestor(job, in: state) { return .failed }
        return outcomes.contains(.skip) ? .skipped : .succeeding
    }

    /// A job that was skipped because of a failure passes it on to those that need it.
    private func hasFailedAncestor(_ job: Job, in state: RunState) -> Bool {
        job.needs.contains { need in
            guard case .finished(let outcome) = state.jobs[need]?.phase else { return false }
            return outcome.stopsTheJob
                || outcome == .skip && workflow.job(need).map { hasFailedAncestor($0, in: state) } == true
        }
    }
}

// MARK: - Steps

extension Scheduler {
    private func decide(running job: Job, _ state: RunState) -> Decision? {
        let next = state.jobs[job.id]?.finishedSteps ?? 0
        guard job.steps.indices.contains(next) else { return .finishJob(job.id, outcome(of: job, in: state)) }
        let step = job.steps[next]
        switch state.step(step.id, of: job.id).phase {
        case .running: return nil
        case .finished: return .failStep(job: job.id, step: step.id, message: "two steps of the job have this id")
        case .failedAttempt(let attempt):
            let pause = step.retry?.pause(after: attempt) ?? .zero
            return .startStep(job: job.id, step: step.id, attempt: attempt + 1, after: pause)
        case .pending: return decide(pending: step, of: job, state)
        }
    }

    private func decide(pending step: StepDefinition, of job: Job, _ state: RunState) -> Decision {
        do {
            return try evaluator(for: job, standing(of: job, in: state), in: state).holds(step.condition)
                ? .startStep(job: job.id, step: step.id, attempt: 1, after: .zero)
                : .skipStep(job: job.id, step: step.id)
        } catch {
            return .failStep(job: job.id, step: step.id, message: "if: \(error.message)")
        }
    }

    private func outcome(of job: Job, in state: RunState) -> Outcome {
        if wasCutShort(job, in: state) { return .cancellation }
        return state.jobs[job.id]?.stepFailure ?? .success
    }

    /// Whether the order to stop ended a step, or kept one from running that would have run without it.
    private func wasCutShort(_ job: Job, in state: RunState) -> Bool {
        guard state.cancellation != nil else { return false }
        var standing = RunStanding.succeeding
        for step in job.steps {
            let outcome = state.step(step.id, of: job.id).outcome
            if outcome == .cancellation { return true }
            // A condition without a value was no reason to run.
            if outcome == .skip, (try? evaluator(for: job, standing, in: state).holds(step.condition)) == true {
                return true
            }
            if outcome?.stopsTheJob == true, !step.continueOnError { standing = .failed }
        }
        return false
    }
}
