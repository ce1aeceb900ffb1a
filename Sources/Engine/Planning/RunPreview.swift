package import WorkflowModel

/// A preview of a run: jobs and steps in order, with all values that are already known.
package struct RunPreview: Sendable {
    package struct Job: Sendable {
        package var id: String
        package var needs: [String]
        /// Whether it runs if nothing fails; nil if unknown.
        package var runs: Bool?
        /// The needed job that does not run, if that is why this one does not.
        package var skippedNeed: String?
        /// Whether its condition checks the status of the run.
        package var checksStatus: Bool
        package var environment: StaticValue?
        package var lock: StaticValue?
        package var timeout: StaticValue?
        /// What the rows of its matrix depend on, if they are only known during the run.
        package var unknownRows: [String]?
        package var steps: [Step]
    }

    package struct Step: Sendable {
        package var id: String
        package var name: String
        package var uses: String
        package var runs: Bool?
        package var checksStatus: Bool
        /// By name.
        package var inputs: [(name: String, value: StaticValue)]
        /// The preview of the workflow file that it uses.
        package var preview: RunPreview?
    }

    package var name: String
    package var jobs: [Job]

    /// `unknownInputs` are inputs without a value yet, each with what it depends on.
    ///
    /// Throws `StepFailure` for a matrix or expression that cannot be evaluated.
    package init(
        _ workflow: Workflow, inputs: [String: Value], unknownInputs: [String: [String]] = [:], context: RunContext,
        files: [String: Workflow] = [:]
    ) throws {
        let plan: RunPlan
        do throws(RunPlan.Problem) {
            plan = try RunPlan(workflow, inputs: inputs, context: context)
        } catch {
            throw error.failure
        }
        let builder = PreviewBuilder(
            plan: plan, inputs: inputs, unknownInputs: unknownInputs, context: context, files: files,
            order: JobGraph(workflow.jobs).order)
        name = workflow.name
        jobs = try builder.jobs()
    }
}

private struct PreviewBuilder {
    let plan: RunPlan
    let inputs: [String: Value]
    let unknownInputs: [String: [String]]
    let context: RunContext
    let files: [String: Workflow]
    let order: [String]

    func jobs() throws -> [RunPreview.Job] {
        var isRunning: [String: Bool] = [:]
        return try order.flatMap { group in
            let members = try plan.members(of: group).map { try job($0, isRunning) }
            // A job with a matrix runs if any of its rows does.
            let runs = members.map(\.runs)
            isRunning[group] = runs.contains(true) ? true : runs.contains(nil) ? nil : false
            return members
        }
    }

    /// `isRunning` has whether earlier jobs run, if known.
    private func job(_ planned: PlannedJob, _ isRunning: [String: Bool]) throws -> RunPreview.Job {
        let evaluator = evaluator(for: planned)
        return try explaining("job '\(planned.id)'") {
            let (runs, skippedNeed) = try self.runs(planned, isRunning)
            return RunPreview.Job(
                id: planned.id.text, needs: planned.job.needs, runs: runs, skippedNeed: skippedNeed,
                checksStatus: planned.job.condition.checksStatus && planned.job.condition != .success,
                environment: try planned.job.environment.map { try evaluator.value(of: $0) },
                lock: try planned.job.concurrency.map { try evaluator.value(of: $0) },
                timeout: try planned.job.timeout.map { try evaluator.value(of: $0) },
                unknownRows: planned.awaitsRows ? planned.job.needs.map { "needs.\($0)" } : nil,
                steps: try planned.job.steps.map { try step($0, of: planned) })
        }
    }

    /// Whether it runs if nothing fails, and the skipped job that is the reason if not.
    private func runs(
        _ planned: PlannedJob, _ isRunning: [String: Bool]
    ) throws(ExpressionError) -> (Bool?, because: String?) {
        let needs = planned.job.needs
        let withoutSkip = try runs(planned, .succeeding)
        guard needs.contains(where: { isRunning[$0] != true }) else { return (withoutSkip, nil) }
        let afterSkip = try runs(planned, .skipped)
        guard let skipped = needs.first(where: { isRunning[$0] == false }) else {
            return (afterSkip == withoutSkip ? withoutSkip : nil, nil)
        }
        return (afterSkip, afterSkip == false && withoutSkip != false ? skipped : nil)
    }

    private func runs(_ planned: PlannedJob, _ status: RunStatus) throws(ExpressionError) -> Bool? {
        try evaluator(for: planned, status: status).holds(planned.job.condition)
    }

    private func step(_ definition: StepDefinition, of planned: PlannedJob) throws -> RunPreview.Step {
        let evaluator = evaluator(for: planned, definition)
        return try explaining("step '\(definition.id)' of job '\(planned.id)'") {
            let values = try definition.with.sorted { $0.key < $1.key }.map { name, expression in
                (name: name, value: try evaluator.value(of: expression))
            }
            let name = try definition.nameTemplate.flatMap { try evaluator.value(of: $0).value?.text }
            return RunPreview.Step(
                id: definition.id, name: name ?? definition.name, uses: definition.uses,
                runs: try evaluator.holds(definition.condition),
                checksStatus: definition.condition.checksStatus && definition.condition != .success,
                inputs: values, preview: try files[definition.uses].map { try preview(of: $0, values) })
        }
    }

    private func preview(
        of workflow: Workflow, _ values: [(name: String, value: StaticValue)]
    ) throws -> RunPreview {
        var given: [String: Value] = [:]
        var open: [String: [String]] = [:]
        for (name, value) in values {
            switch value {
            case .known(let value): given[name] = value
            case .later(let causes): open[name] = causes
            case .secret: open[name] = ["a secret"]
            }
        }
        // A required input that is unknown now has a value during the run.
        var lenient = workflow
        for index in lenient.inputs.indices where open[lenient.inputs[index].name] != nil {
            lenient.inputs[index].isRequired = false
        }
        do throws(InvalidInputs) {
            given = try lenient.resolve(given)
        } catch {
            throw StepFailure(
                .invalidWorkflow, code: "InvalidStepInputs", error.messages.joined(separator: "; "), hint: error.hint)
        }
        return try RunPreview(workflow, inputs: given, unknownInputs: open, context: context, files: files)
    }

    private func evaluator(
        for planned: PlannedJob, _ step: StepDefinition? = nil, status: RunStatus = .succeeding
    ) -> StaticEvaluator {
        var state = RunState()
        state.inputs = inputs
        let contexts = ContextBuilder(plan: plan, registry: StepRegistry([]), context: context)
        return StaticEvaluator(
            variables: [plan.env, planned.job.env, step?.env ?? [:]], unknownInputs: unknownInputs,
            knowsRow: !planned.awaitsRows,
            evaluator: contexts.evaluator(for: planned, step: step, status: status) { [state] in state })
    }

    private func explaining<Answer>(_ subject: String, _ body: () throws -> Answer) throws -> Answer {
        do {
            return try body()
        } catch let error as ExpressionError {
            throw StepFailure(.invalidWorkflow, code: "InvalidExpression", "\(subject): \(error.message)")
        }
    }
}
