import WorkflowModel

/// The contexts that a job's expressions see: `inputs`, `steps`, `needs`.
struct ContextBuilder: Sendable {
    let registry: StepRegistry

    func contexts(of job: Job, in state: RunState) -> [String: Value] {
        var steps: [String: Value] = [:]
        for step in job.steps { steps[step.id] = context(of: step, state.step(step.id, of: job.id)) }
        var needs: [String: Value] = [:]
        for need in job.needs {
            guard case .finished(let outcome) = state.jobs[need]?.phase else { continue }
            needs[need] = .object(["result": .string(outcome.expressionWord)])
        }
        return ["inputs": .object(state.inputs), "steps": .object(steps), "needs": .object(needs)]
    }

    /// Every output the step type declares is there, null until the step has said it.
    private func context(of step: StepDefinition, _ record: StepRecord) -> Value {
        var outputs: [String: Value] = [:]
        for output in registry[step.uses]?.signature.outputs ?? [] { outputs[output.name] = .null }
        outputs.merge(record.outputs) { $1 }
        let outcome = record.outcome
        let conclusion = step.continueOnError && outcome?.stopsTheJob == true ? .success : outcome
        return .object([
            "outputs": .object(outputs),
            "outcome": Value(outcome?.expressionWord),
            "conclusion": Value(conclusion?.expressionWord),
        ])
    }
}
