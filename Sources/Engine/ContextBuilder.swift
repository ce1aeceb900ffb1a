import WorkflowModel

/// The contexts that expressions see, by where they stand.
struct ContextBuilder: Sendable {
    let plan: RunPlan
    let registry: StepRegistry
    let facts: RunContext

    init(plan: RunPlan, registry: StepRegistry, facts: RunContext = RunContext()) {
        self.plan = plan
        self.registry = registry
        self.facts = facts
    }

    /// For the expressions of a job, or of one of its steps. `state` is asked when it is needed: kept, it would be
    /// copied at the next event.
    func evaluator(
        for planned: PlannedJob, step: StepDefinition? = nil, status: RunStatus,
        in state: @escaping @Sendable () -> RunState
    ) -> Evaluator {
        Evaluator(status: status, hashFiles: facts.hashFiles) { path in
            let state = state()
            var contexts = contexts(of: planned, in: state, for: path)
            let isEnv = path.isEmpty || path.first == ExpressionContext.env.rawValue
            contexts["env"] = .object(isEnv ? variables(of: planned, step: step, in: state).values : [:])
            return contexts
        }
    }

    /// What people see of a step; as it is written when that has no value (yet).
    func name(
        of step: StepDefinition, in planned: PlannedJob, status: RunStatus = .succeeding,
        state: @escaping @Sendable () -> RunState
    ) -> String {
        guard let template = step.nameTemplate else { return step.name }
        let evaluator = evaluator(for: planned, step: step, status: status, in: state)
        return (try? evaluator.evaluate(template))?.text ?? step.name
    }

    /// For what may see secrets: `variables` are those of the step.
    func secretEvaluator(for planned: PlannedJob, _ variables: Variables, in state: RunState) -> Evaluator {
        Evaluator(hashFiles: facts.hashFiles) { path in
            contexts(of: planned, in: state, for: path)
                .merging(["env": .object(variables.values), "secrets": facts.secretsContext]) { $1 }
        }
    }

    /// The variables of the workflow, the job and, if there is one, the step.
    func variables(of planned: PlannedJob, step: StepDefinition? = nil, in state: RunState) -> Variables {
        Variables(layers: [plan.env, planned.job.env, step?.env ?? [:]], facts: facts) { path in
            contexts(of: planned, in: state, for: path)
        }
    }

    /// What a job puts out, null for what has no value, and why the first of those has none.
    func outputs(of planned: PlannedJob, in state: RunState) -> (values: [String: Value], failure: StepFailure?) {
        values(
            of: planned.job.outputs, evaluator(for: planned, status: .succeeding) { state },
            owner: "job '\(planned.id)'")
    }

    /// What a workflow puts out that a step used, null for what has no value, and why the first of those has none.
    func outputs(of workflow: Workflow, in state: RunState) -> (values: [String: Value], failure: StepFailure?) {
        var needs: [String: Value] = [:]
        for job in workflow.jobs { needs[job.id] = context(ofNeed: job.id, in: state) }
        let contexts = ["inputs": Value.object(state.inputs), "needs": .object(needs)]
        return values(
            of: workflow.outputs, Evaluator { contexts }, owner: "workflow '\(workflow.name)'")
    }

    private func values(
        of outputs: [String: Expression], _ evaluator: Evaluator, owner: String
    ) -> (values: [String: Value], failure: StepFailure?) {
        var values: [String: Value] = [:]
        var failure: StepFailure?
        for (name, expression) in outputs.sorted(by: { $0.key < $1.key }) {
            do {
                values[name] = try evaluator.evaluate(expression)
            } catch {
                values[name] = .null
                failure =
                    failure
                    ?? StepFailure(
                        .invalidWorkflow, code: "InvalidExpression", "outputs.\(name) of \(owner): \(error.message)")
            }
        }
        return (values, failure)
    }

    /// All but `env` and `secrets`. Of `steps` and `needs` only what the path may look at, because there may be very
    /// many; an empty path looks at all.
    func contexts(of planned: PlannedJob, in state: RunState, for path: [String] = []) -> [String: Value] {
        var (steps, needs): ([String: Value], [String: Value]) = ([:], [:])
        let (first, name) = (path.first, path.dropFirst().first)
        if first == nil || first == ExpressionContext.steps.rawValue {
            steps = self.steps(of: planned, in: state, named: name)
        }
        if first == nil || first == ExpressionContext.needs.rawValue {
            needs = self.needs(of: planned, in: state, named: name)
        }
        return [
            "git": facts.git, "ci": facts.ci, "inputs": .object(state.inputs), "matrix": .object(planned.row),
            "steps": .object(steps), "needs": .object(needs),
        ]
    }

    /// The one of that name, or all when there is none.
    private func steps(of planned: PlannedJob, in state: RunState, named name: String?) -> [String: Value] {
        if let name, let step = planned.steps[name] {
            return [name: context(of: step, state.step(name, of: planned.id))]
        }
        return planned.steps.mapValues { context(of: $0, state.step($0.id, of: planned.id)) }
    }

    private func needs(of planned: PlannedJob, in state: RunState, named name: String?) -> [String: Value] {
        let all = planned.job.needs
        let wanted = name.flatMap { name in all.contains(name) ? [name] : nil } ?? all
        var needs: [String: Value] = [:]
        for need in wanted { needs[need] = context(ofNeed: need, in: state) }
        return needs
    }

    /// Of the rows of a matrix the last one wins that has a value. Nil until all are finished.
    private func context(ofNeed need: String, in state: RunState) -> Value? {
        guard let outcome = plan.outcome(of: need, in: state) else { return nil }
        var outputs: [String: Value] = [:]
        var rows: [String: Value] = [:]
        for member in plan.members(of: need) {
            let own = ownOutputs(of: member, in: state)
            for (name, value) in own where value != .null || outputs[name] == nil { outputs[name] = value }
            if !member.row.isEmpty { rows[member.label] = context(ofRow: member, own, in: state) }
        }
        var context: [String: Value] = ["result": .string(outcome.expressionWord), "outputs": .object(outputs)]
        if !rows.isEmpty { context["rows"] = .object(rows) }
        return .object(context)
    }

    private func context(ofRow row: PlannedJob, _ outputs: [String: Value], in state: RunState) -> Value {
        var result: Outcome?
        if case .finished(let outcome) = state.jobs[row.id]?.phase { result = outcome }
        return .object(["result": Value(result?.expressionWord), "outputs": .object(outputs)])
    }

    /// Every output it declares, null for what it did not say.
    private func ownOutputs(of job: PlannedJob, in state: RunState) -> [String: Value] {
        let said = state.jobs[job.id]?.outputs ?? [:]
        return job.job.outputs.reduce(into: [:]) { $0[$1.key] = said[$1.key] ?? .null }
    }

    /// Every output the step type declares is there, null until the step has said it.
    private func context(of step: StepDefinition, _ record: StepRecord) -> Value {
        var outputs: [String: Value] = [:]
        for output in registry[step.uses]?.signature.outputs ?? [] { outputs[output.name] = .null }
        outputs.merge(record.outputs) { $1 }
        let outcome = record.outcome
        let conclusion = step.continueOnError && outcome?.stopsJob == true ? .success : outcome
        return .object([
            "outputs": .object(outputs),
            "outcome": Value(outcome?.expressionWord),
            "conclusion": Value(conclusion?.expressionWord),
        ])
    }
}
