import Clocks
import WorkflowModel

/// One attempt of a step that uses a workflow: runs its jobs with the journal, clock and locks of the run.
struct NestedRun: Sendable {
    let used: ReusableWorkflow
    let path: JobPath
    let environment: RunEnvironment
    let bounds: RunBounds
    let log: EventLog
    let cancellation: RunCancellation

    /// Runs to the end and returns the workflow's outputs, also after a failure; null for those without a value.
    ///
    /// Throws `StepFailure` for invalid inputs.
    func run(inputs given: [String: Value]) async throws -> (outputs: [String: Value], ending: StepExecution.Ending) {
        let inputs = try resolve(given)
        let plan = try plan(inputs)
        let inner = EventLog(nestedIn: log, at: path, state: state(inputs))
        let loop = RunLoop(
            plan: plan, environment: environment, bounds: bounds, log: inner, cancellation: cancellation)
        let finished = await loop.run()
        if finished.isSuspended, let failure = environment.suspension.failure { return ([:], .suspended(failure)) }
        let state = inner.state
        let outputs = finished.contexts.outputs(of: used.workflow, in: state)
        return (outputs.values, ending(state, outputs.failure))
    }

    private func resolve(_ given: [String: Value]) throws -> [String: Value] {
        do throws(InvalidInputs) {
            return try used.workflow.resolve(used.presets.merging(given.filter { !$1.text.isEmpty }) { $1 })
        } catch {
            throw StepFailure(
                .invalidWorkflow, code: "InvalidStepInputs",
                "workflow '\(used.workflow.name)': \(error.messages.joined(separator: "; "))", hint: error.hint)
        }
    }

    private func plan(_ inputs: [String: Value]) throws -> RunPlan {
        do throws(RunPlan.Problem) {
            return try RunPlan(used.workflow, inputs: inputs, context: environment.runContext)
        } catch {
            throw error.failure
        }
    }

    /// The state of the workflow: at its start, or where an interruption left it.
    private func state(_ inputs: [String: Value]) -> RunState {
        var state = RunState()
        state.isStarted = true
        for payload in log.payloads(of: path) {
            if let start = payload as? RunStarted, start.repeatedJobs?.contains(path.outermost) == true {
                state = RunState()
                state.isStarted = true
            }
            guard let payload = payload.relative(to: path) else { continue }
            state.apply(payload)
        }
        // Steps that were running were interrupted. An earlier cancellation no longer applies.
        state = state.resumed()
        state.inputs = inputs
        return state
    }

    private func ending(_ state: RunState, _ outputFailure: StepFailure?) -> StepExecution.Ending {
        let verdict = state.verdict
        let wasCancelled = state.jobs.contains { $1.phase == .finished(.cancellation) && !$0.isNested }
        // Also cancelled when another row failed, which is not a failure of this one.
        if wasCancelled, cancellation.cause != nil, verdict != .rollbackFailed { return .cancelled }
        switch verdict.outcome {
        case .success: return outputFailure.map { .failed($0) } ?? .done
        case .cancellation: return .cancelled
        default:
            let failure = state.failures.first { $0.verdict == verdict } ?? state.failures.first
            return .failed(
                failure ?? StepFailure(verdict, code: "WorkflowFailed", "workflow '\(used.workflow.name)' failed"))
        }
    }
}
