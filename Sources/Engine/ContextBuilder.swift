import WorkflowModel

/// The contexts that expressions see, by where they stand.
struct ContextBuilder: Sendable {
    let plan: RunPlan
    let registry: StepRegistry
    let facts: RunFacts

    init(plan: RunPlan, registry: StepRegistry, facts: RunFacts = RunFacts()) {
        self.plan = plan
        self.registry = registry
        self.facts = facts
    }

    /// For the expressions of a job, or of one of its steps. `state` is asked when it is needed: kept, it would be
    /// copied at the next event.
    func evaluator(
        for planned: PlannedJob, step: StepDefinition? = nil, standing: RunStanding,
        in state: @escaping @Sendable () -> RunState
    ) -> Evaluator {
        Evaluator(standing: standing, hashFiles: facts.hashFiles) {
            let state = state()
            var contexts = contexts(of: planned, in: state)
            contexts["env"] = .object(variables(of: planned, step: step, in: state).values)
            return contexts
        }
    }

    /// For what may see secrets: `variables` are those of the step.
    func secretEvaluator(for planned: PlannedJob, _ variables: Variables, in state: RunState) -> Evaluator {
        Evaluator(hashFiles: facts.hashFiles) {
            contexts(of: planned, in: state)
                .merging(["env": .object(variables.values), "secrets": facts.secretsContext]) { $1 }
        }
    }

    /// The variables of the workflow, the job and, if there is one, the step.
    func variables(of planned: PlannedJob, step: StepDefinition? = nil, in state: RunState) -> Variables {
        Variables(layers: [plan.env, planned.job.env, step?.env ?? [:]], facts: facts) {
            contexts(of: planned, in: state)
        }
    }

    /// What a job puts out, null for what has no value, and why the first of those has none.
    func outputs(of planned: PlannedJob, in state: RunState) -> (values: [String: Value], failure: StepFailure?) {
        let evaluator = evaluator(for: planned, standing: .succeeding) { state }
        var values: [String: Value] = [:]
        var failure: StepFailure?
        for (name, expression) in planned.job.outputs.sorted(by: { $0.key < $1.key }) {
            do {
                values[name] = try evaluator.evaluate(expression)
            } catch {
                values[name] = .null
                failure =
                    failure
                    ?? StepFailure(
                        .invalidWorkflow, code: "InvalidExpression",
                        "outputs.\(name) of job '\(planned.id)': \(error.message)")
            }
        }
        return (values, failure)
    }

    /// All but `env` and `secrets`.
    func contexts(of planned: PlannedJob, in state: RunState) -> [String: Value] {
        var steps: [String: Value] = [:]
        for step in planned.job.steps { steps[step.id] = context(of: step, state.step(step.id, of: planned.id)) }
        var needs: [String: Value] = [:]
        for need in planned.job.needs { needs[need] = context(ofNeed: need, in: state) }
        return [
            "git": facts.git, "ci": facts.ci, "inputs": .object(state.inputs), "matrix": .object(planned.row),
            "steps": .object(steps), "needs": .object(needs),
        ]
    }

    /// Of the rows of a matrix the last one wins that has a value. Nil until all are finished.
    private func context(ofNeed need: String, in state: RunState) -> Value? {
        guard let outcome = plan.outcome(of: need, in: state) else { return nil }
        var outputs: [String: Value] = [:]
        for member in plan.members(of: need) {
            for name in member.job.outputs.keys {
                let value = state.jobs[member.id]?.outputs[name] ?? .null
                if value != .null || outputs[name] == nil { outputs[name] = value }
            }
        }
        return .object(["result": .string(outcome.expressionWord), "outputs": .object(outputs)])
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
