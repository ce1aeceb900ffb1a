import WorkflowModel

/// Builds the contexts of expressions for a job or step.
struct ContextBuilder: Sendable {
    let plan: RunPlan
    let registry: StepRegistry
    let runContext: RunContext

    init(plan: RunPlan, registry: StepRegistry, context: RunContext = RunContext()) {
        self.plan = plan
        self.registry = registry
        self.runContext = context
    }

    /// For expressions of a job or of one of its steps. `state` is called only when needed, because holding a state would
    /// copy it at the next event.
    func evaluator(
        for planned: PlannedJob, step: StepDefinition? = nil, status: RunStatus,
        in state: @escaping @Sendable () -> RunState
    ) -> Evaluator {
        Evaluator(status: status, hashFiles: runContext.hashFiles) { path in
            let state = state()
            var contexts = contexts(of: planned, in: state, for: path)
            let isEnv = path.isEmpty || path.first == ExpressionContext.env.rawValue
            contexts["env"] = .object(isEnv ? variables(of: planned, step: step, in: state).values : [:])
            return contexts
        }
    }

    /// The display name of a step; as written in the file if the template has no value (yet).
    func name(
        of step: StepDefinition, in planned: PlannedJob, status: RunStatus = .succeeding,
        state: @escaping @Sendable () -> RunState
    ) -> String {
        guard let template = step.nameTemplate else { return step.name }
        let evaluator = evaluator(for: planned, step: step, status: status, in: state)
        return (try? evaluator.evaluate(template))?.text ?? step.name
    }

    /// For inputs that can contain secrets; `variables` are the step's.
    func secretEvaluator(for planned: PlannedJob, _ variables: Variables, in state: RunState) -> Evaluator {
        Evaluator(hashFiles: runContext.hashFiles) { path in
            contexts(of: planned, in: state, for: path)
                .merging(["env": .object(variables.values), "secrets": runContext.secretsContext]) { $1 }
        }
    }

    /// The variables of the workflow, the job and, if given, the step.
    func variables(of planned: PlannedJob, step: StepDefinition? = nil, in state: RunState) -> Variables {
        let recorded = planned.job.steps.reduce(into: [:]) { variables, step in
            variables.merge(state.step(step.id, of: planned.id).variables) { $1 }
        }
        return Variables(
            layers: [plan.env, planned.job.env, recorded.mapValues { .literal($0) }, step?.env ?? [:]],
            context: runContext
        ) { path in
            contexts(of: planned, in: state, for: path)
        }
    }

    /// The folders that scripts of the job put in front of PATH, in order.
    func searchPath(of planned: PlannedJob, in state: RunState) -> [String] {
        planned.job.steps.reversed().flatMap { state.step($0.id, of: planned.id).searchPath.reversed() }
    }

    /// The rows of a job's matrix, from the jobs that it needs.
    func rows(of planned: PlannedJob, in state: RunState) throws(ExpressionError) -> [PlannedJob] {
        guard let matrix = planned.job.strategy?.matrix else { return [planned] }
        let evaluator = Evaluator(hashFiles: runContext.hashFiles) { path in
            var contexts = contexts(of: planned, in: state, for: path)
            contexts["env"] = .object(
                Variables(layers: [plan.env], context: runContext) { self.contexts(of: planned, in: state, for: $0) }
                    .values)
            return contexts
        }
        let rows = try matrix.rows { expression throws(ExpressionError) in try evaluator.evaluate(expression) }
        return planned.rows(rows, of: matrix)
    }

    /// The outputs of a job, null where evaluation failed, and the first such failure.
    func outputs(of planned: PlannedJob, in state: RunState) -> (values: [String: Value], failure: StepFailure?) {
        values(
            of: planned.job.outputs, evaluator(for: planned, status: .succeeding) { state },
            owner: "job '\(planned.id)'")
    }

    /// The outputs of a workflow that a step used, null where evaluation failed, and the first such failure.
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
                    ?? StepFailure(error, in: "outputs.\(name) of \(owner)")
            }
        }
        return (values, failure)
    }

    /// All contexts except `env` and `secrets`. Of `steps` and `needs`, which can be many, only what `path` refers to; all
    /// for an empty path.
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
            "git": runContext.git, "ci": runContext.ci, "inputs": .object(state.inputs), "matrix": .object(planned.row),
            "steps": .object(steps), "needs": .object(needs),
        ]
    }

    /// The step of that name, or all steps if there is none.
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

    /// Nil until all rows are finished. An output is the last row's that has a value for it.
    private func context(ofNeed need: String, in state: RunState) -> Value? {
        guard let outcome = plan.outcome(of: need, in: state) else { return nil }
        var outputs: [String: Value] = [:]
        var rows: [String: Value] = [:]
        for member in plan.members(of: need) {
            let own = self.outputs(ofRow: member, in: state)
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

    /// Every declared output, null for those without a value.
    private func outputs(ofRow job: PlannedJob, in state: RunState) -> [String: Value] {
        let recorded = state.jobs[job.id]?.outputs ?? [:]
        return job.job.outputs.reduce(into: [:]) { $0[$1.key] = recorded[$1.key] ?? .null }
    }

    /// Every output that the step type declares, null until the step records it.
    private func context(of step: StepDefinition, _ record: StepRecord) -> Value {
        var outputs: [String: Value] = [:]
        for output in registry[step.uses]?.signature.outputs ?? [] { outputs[output.name] = .null }
        // What a script said before it failed and was retried does not count.
        for (name, value) in record.outputs where outputs[name] != nil || record.latestOutputs.contains(name) {
            outputs[name] = value
        }
        let outcome = record.outcome
        let conclusion = step.continueOnError && outcome?.stopsJob == true ? .success : outcome
        return .object([
            "outputs": .object(outputs),
            "outcome": Value(outcome?.expressionWord),
            "conclusion": Value(conclusion?.expressionWord),
        ])
    }
}
