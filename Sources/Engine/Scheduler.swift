package import WorkflowModel

/// Decides what comes next in a run: a pure function of the workflow and the state.
package struct Scheduler: Sendable {
    /// One thing to do now.
    package enum Decision: Hashable, Sendable {
        case startJob(String)
        case skipJob(String)
        case finishJob(String, Outcome)
        case startStep(job: String, step: String, attempt: Int, after: Duration)
        case skipStep(job: String, step: String)
        /// The step's condition has no value.
        case failStep(job: String, step: String, message: String)
        case finishRun
    }

    private let workflow: Workflow
    private let contexts: ContextBuilder

    package init(workflow: Workflow, registry: StepRegistry) {
        self.workflow = workflow
        contexts = ContextBuilder(registry: registry)
    }

    package func decide(_ state: RunState) -> [Decision] {
        var decisions: [Decision] = []
        for job in workflow.jobs {
            switch state.jobs[job.id]?.phase ?? .pending {
            case .pending: if let decision = decide(pending: job, state) { decisions.append(decision) }
            case .running: if let decision = decide(running: job, state) { decisions.append(decision) }
            case .finished: continue
            }
        }
        let isOver = workflow.jobs.allSatisfy { job in
            if case .finished = state.jobs[job.id]?.phase { true } else { false }
        }
        return isOver ? [.finishRun] : decisions
    }

    /// The evaluator of a job's expressions as the run stands now.
    func evaluator(for job: Job, in state: RunState) -> Evaluator {
        Evaluator(
            contexts: contexts.contexts(of: job, in: state), standing: standing(of: job, in: state))
    }

    private func decide(pending job: Job, _ state: RunState) -> Decision? {
        var standing = state.cancellation == nil ? RunStanding.succeeding : .cancelled
        for need in job.needs {
            guard case .finished(let outcome) = state.jobs[need]?.phase ?? .pending else { return nil }
            if outcome != .success, standing == .succeeding { standing = .failed }
        }
        let evaluator = Evaluator(contexts: contexts.contexts(of: job, in: state), standing: standing)
        do {
            return try evaluator.holds(job.condition) ? .startJob(job.id) : .skipJob(job.id)
        } catch {
            return .finishJob(job.id, .error)
        }
    }

    private func decide(running job: Job, _ state: RunState) -> Decision? {
        for step in job.steps {
            let record = state.step(step.id, of: job.id)
            switch record.phase {
            case .finished: continue
            case .running: return nil
            case .failedAttempt(let attempt):
                let pause = step.retry?.pause(after: attempt) ?? .zero
                return .startStep(job: job.id, step: step.id, attempt: attempt + 1, after: pause)
            case .pending: return decide(pending: step, of: job, state)
            }
        }
        return .finishJob(job.id, outcome(of: job, in: state))
    }

    private func decide(pending step: StepDefinition, of job: Job, _ state: RunState) -> Decision {
        do {
            return try evaluator(for: job, in: state).holds(step.condition)
                ? .startStep(job: job.id, step: step.id, attempt: 1, after: .zero)
                : .skipStep(job: job.id, step: step.id)
        } catch {
            return .failStep(job: job.id, step: step.id, message: "if: \(error.message)")
        }
    }

    private func standing(of job: Job, in state: RunState) -> RunStanding {
        if state.cancellation != nil { return .cancelled }
        return outcome(of: job, in: state) == .success ? .succeeding : .failed
    }

    private func outcome(of job: Job, in state: RunState) -> Outcome {
        let failing = job.steps.lazy
            .filter { !$0.continueOnError }
            .compactMap { state.step($0.id, of: job.id).outcome }
            .first(where: \.stopsTheJob)
        if let failing { return failing }
        let isCutShort = state.cancellation != nil && job.steps.contains { step in
            state.step(step.id, of: job.id).outcome != .success
        }
        return isCutShort ? .cancellation : .success
    }
}
