import Clocks

/// Builds the workflow from a tree. Values with a wrong structure were already reported, and are left out.
struct WorkflowBuilder {
    var collector: DiagnosticCollector
    private(set) var file: WorkflowFile
    private var defaults: YAMLNode?

    init(_ collector: DiagnosticCollector) {
        self.collector = collector
        file = WorkflowFile(workflow: Workflow(name: "", jobs: []), source: collector.source)
    }

    mutating func build(_ root: YAMLNode) {
        defaults = root[.defaults]
        file.workflow.name = root[.name]?.text ?? ""
        file.workflow.inputs = (root[.inputs]?.entries ?? []).map { input($0) }
        file.workflow.env = templates(root[.env], .workflowEnv)
        for (index, entry) in (root[.jobs]?.entries ?? []).enumerated() { addJob(entry, index) }
        file.workflow.outputs = templates(root[.outputs], .workflowOutput)
    }

    func name(_ text: String, _ mark: YAMLNode.Mark) -> WorkflowFile.Name {
        .init(text: text, position: collector.source.position(mark))
    }

    private mutating func addJob(_ entry: YAMLNode.Entry, _ index: Int) {
        let node = entry.value
        let needs = node[.needs].map { $0.elements ?? [$0] } ?? []
        file.jobs.append(.init(id: name(entry.key, entry.keyMark)))
        file.jobs[index].needs = needs.compactMap { need in need.text.map { name($0, need.mark) } }
        var job = Job(id: entry.key, steps: [], position: collector.source.position(entry.keyMark))
        job.needs = file.jobs[index].needs.map(\.text)
        job.condition = condition(node[.condition], .jobCondition, job: index) ?? .success
        job.environment = template(node[.environment], .jobSetting, job: index)
        job.concurrency = template(node[.concurrency], .jobSetting, job: index)
        job.timeout = template(node[.timeout], .jobSetting, job: index)
        job.strategy = strategy(node[.strategy], job: index)
        job.env = templates(node[.env], .jobEnv, job: index)
        for (offset, step) in (node[.steps]?.elements ?? []).enumerated() where step.entries != nil {
            addStep(step, Location(job: index, step: job.steps.count, ordinal: offset + 1), to: &job)
        }
        job.outputs = templates(node[.outputs], .jobOutput, job: index)
        file.workflow.jobs.append(job)
    }

    struct Location {
        var job: Int
        var step: Int
        /// From 1.
        var ordinal: Int
    }

    private mutating func addStep(_ node: YAMLNode, _ at: Location, to job: inout Job) {
        var positions = WorkflowFile.StepPositions(position: collector.source.position(node.mark))
        positions.id = node[.id].flatMap { id in id.text.map { name($0, id.mark) } }
        positions.uses = node[.uses].flatMap { uses in uses.text.map { name($0, uses.mark) } }
        positions.with = (node[.with]?.entries ?? []).map { name($0.key, $0.keyMark) }
        file.jobs[at.job].steps.append(positions)
        checkAction(node)
        job.steps.append(step(node, positions, at))
    }

    private mutating func step(_ node: YAMLNode, _ positions: WorkflowFile.StepPositions, _ at: Location)
        -> StepDefinition
    {
        let uses = positions.uses?.text ?? StepDefinition.runType
        var step = StepDefinition(
            id: positions.id?.text ?? "step-\(at.ordinal)", name: node[.name]?.text ?? title(node) ?? uses, uses: uses,
            position: positions.position)
        if let name = template(node[.name], .stepSetting, job: at.job, step: at.step), name.constant == nil {
            step.nameTemplate = name
        }
        step.env = templates(node[.env], .stepEnv, job: at.job, step: at.step)
        step.with = node[.run].map { command($0, at) } ?? inputs(node[.with], at)
        if node[.run]?.text != nil, let shell = setting(.shell, of: node)?.text {
            step.with["shell"] = .literal(.string(shell))
        }
        step.condition = condition(node[.condition], .stepCondition, job: at.job, step: at.step) ?? .success
        step.timeout = template(setting(.timeout, of: node), .stepSetting, job: at.job, step: at.step)
        step.workingDirectory = template(
            setting(.workingDirectory, of: node), .stepSetting, job: at.job, step: at.step)
        step.retry = retry(setting(.retry, of: node))
        step.continueOnError = node[.continueOnError]?.coreBoolean ?? false
        return step
    }

    private func setting(_ key: WorkflowKey, of step: YAMLNode) -> YAMLNode? { step[key] ?? defaults?[key] }

    /// The first line of a script, for the name of the step.
    private func title(_ node: YAMLNode) -> String? {
        guard let run = node[.run] else { return nil }
        let text = run.text ?? run.elements?.compactMap(\.text).joined(separator: " ")
        return text?.split(whereSeparator: \.isNewline).first.map { String($0.prefix(80)) }
    }

    private mutating func checkAction(_ node: YAMLNode) {
        let (uses, run) = (node[.uses], node[.run])
        let position = collector.source.position(node.mark)
        if uses != nil, run != nil {
            collector.report(
                .usesOrRun, "the step has both 'uses' and 'run'", at: position, hint: "split it into two steps")
        } else if uses == nil, run == nil {
            collector.report(
                .usesOrRun, "the step has neither 'uses' nor 'run'", at: position,
                hint: "'uses' names a step type, 'run' is a shell script")
        } else if run != nil, let with = node[.with] {
            collector.report(
                .usesOrRun, "'with' requires 'uses'", at: collector.source.position(with.mark),
                hint: "pass values to a script through 'env'")
        }
        if let shell = node[.shell], run?.text == nil {
            collector.report(
                .usesOrRun, "'shell' requires a script in 'run'", at: collector.source.position(shell.mark),
                hint: "remove it, or write 'run' as a text")
        }
    }

    mutating func add(_ site: ExpressionSite) { file.expressions.append(site) }
}

/// The smaller parts of a workflow.
extension WorkflowBuilder {
    mutating func input(_ entry: YAMLNode.Entry) -> InputDefinition {
        let node = entry.value
        var input = InputDefinition(
            entry.key, node[.type]?.text.flatMap(InputDefinition.Kind.init) ?? .string,
            isRequired: node[.required]?.coreBoolean ?? false, description: node[.description]?.text ?? "",
            pattern: node[.pattern]?.text, options: node[.options]?.elements?.compactMap(\.text) ?? [],
            position: collector.source.position(entry.keyMark))
        check(input, node)
        guard let fallback = node[.fallback], let text = fallback.text, !fallback.isEmpty else { return input }
        if Template.contains(in: text) {
            collector.report(
                .expressionNotAllowed, "expression not allowed in a default", at: fallback.mark,
                hint: "use default(inputs.\(entry.key), …) where the input is used")
            return input
        }
        do {
            input.defaultValue = try input.value(of: text)
        } catch {
            collector.report(.invalidValue, "invalid default of '\(entry.key)': \(error.message)", at: fallback.mark)
        }
        return input
    }

    private mutating func check(_ input: InputDefinition, _ node: YAMLNode) {
        if input.kind == .choice, input.options.isEmpty {
            collector.report(
                .missingKey, "input '\(input.name)' of type choice has no options",
                at: input.position ?? collector.source.position(node.mark),
                hint: "for example: options: [staging, production]")
        }
        if input.kind != .choice, let options = node[.options] {
            collector.report(.invalidValue, "'options' requires type choice", at: options.mark)
        }
        guard let pattern = node[.pattern], let text = pattern.text else { return }
        if input.kind != .string {
            collector.report(.invalidValue, "'pattern' requires type string", at: pattern.mark)
        } else if (try? Regex(text)) == nil {
            // Without the parser's message, which names positions in the pattern.
            collector.report(.invalidValue, "invalid regular expression '\(text)'", at: pattern.mark)
        }
    }

    mutating func strategy(_ node: YAMLNode?, job: Int) -> Strategy? {
        guard let node, let matrix = node[.matrix], let entries = matrix.entries, !entries.isEmpty else { return nil }
        var result = Matrix(axes: [], position: collector.source.position(matrix.mark))
        for entry in entries {
            switch entry.key {
            case WorkflowKey.include.rawValue: result.include = patterns(entry.value, job: job)
            case WorkflowKey.exclude.rawValue: result.exclude = patterns(entry.value, job: job)
            default:
                let values = data(entry.value, .strategy, job: job)
                // A text without an expression was already reported.
                let isList = entry.value.elements != nil || values.constant == nil
                result.axes.append(.init(entry.key, isList ? values : .list([values])))
            }
        }
        let tolerance = tolerance(node)
        return Strategy(
            matrix: result, maxParallel: node[.maxParallel]?.coreNumber.flatMap(Int.init(exactly:)),
            failFast: node[.failFast]?.coreBoolean ?? (tolerance == nil), maxFailures: tolerance,
            isStrict: node[.strict]?.coreBoolean ?? true)
    }

    private mutating func tolerance(_ node: YAMLNode) -> FailureTolerance? {
        let tolerance = node[.maxFailures]?.text.flatMap(FailureTolerance.init)
        if let failFast = node[.failFast], failFast.coreBoolean == true, tolerance != nil {
            collector.report(
                .invalidValue, "'fail-fast' and 'max-failures' exclude each other", at: failFast.mark,
                hint: "remove one of them: with max-failures, rows that run are not cancelled")
        }
        if let strict = node[.strict], node[.maxFailures] == nil {
            collector.report(.invalidValue, "'strict' requires 'max-failures'", at: strict.mark)
        }
        return tolerance
    }

    /// Without those that are not mappings, which were already reported.
    private mutating func patterns(_ node: YAMLNode, job: Int) -> Expression {
        guard let elements = node.elements else {
            let values = data(node, .strategy, job: job)
            return values.constant == nil ? values : .list([])
        }
        return .list(elements.filter { $0.entries != nil }.map { data($0, .strategy, job: job) })
    }

    func retry(_ node: YAMLNode?) -> RetryPolicy? {
        guard let attempts = node?[.attempts]?.coreNumber.flatMap(Int.init(exactly:)), attempts > 0 else { return nil }
        var policy = RetryPolicy(attempts: attempts)
        func duration(_ key: WorkflowKey) -> Duration? { node?[key]?.text.flatMap(Duration.init(text:)) }
        policy.delay = duration(.delay) ?? policy.delay
        policy.maximumDelay = duration(.maxDelay) ?? max(policy.maximumDelay, policy.delay)
        policy.backoff = node?[.backoff]?.text.flatMap(RetryPolicy.Backoff.init) ?? policy.backoff
        if let on = node?[.on] {
            policy.triggers = Set((on.elements ?? [on]).compactMap { $0.text.flatMap(RetryPolicy.Trigger.init) })
        }
        return policy
    }

    /// `run` as inputs of its step type; a script is not parsed for expressions.
    mutating func command(_ node: YAMLNode, _ at: Location) -> [String: Expression] {
        if let text = node.text { return ["script": .literal(.string(text))] }
        return ["command": data(node, .stepSetting, job: at.job, step: at.step)]
    }

    mutating func inputs(_ node: YAMLNode?, _ at: Location) -> [String: Expression] {
        var result: [String: Expression] = [:]
        for entry in node?.entries ?? [] {
            result[entry.key] = data(
                entry.value, .stepInput(entry.key), job: at.job, step: at.step, keepsPlain: entry.value.text == nil)
        }
        return result
    }
}

/// Parses expressions and records their positions.
extension WorkflowBuilder {
    mutating func template(
        _ node: YAMLNode?, _ field: ExpressionSite.Field, job: Int? = nil, step: Int? = nil
    ) -> Expression? {
        guard let node, let text = node.text, !node.isEmpty else { return nil }
        do {
            let parsed = try Template.parse(text)
            if parsed.expression.constant == nil || !parsed.calls.isEmpty {
                add(ExpressionSite(field: field, job: job, step: step, parsed: parsed, node: node))
            }
            return parsed.expression
        } catch {
            report(error, in: node)
            return nil
        }
    }

    mutating func templates(
        _ node: YAMLNode?, _ field: ExpressionSite.Field, job: Int? = nil, step: Int? = nil
    ) -> [String: Expression] {
        var result: [String: Expression] = [:]
        for entry in node?.entries ?? [] where entry.value.text != nil {
            result[entry.key] = template(entry.value, field, job: job, step: step) ?? ""
        }
        return result
    }

    mutating func condition(
        _ node: YAMLNode?, _ field: ExpressionSite.Field, job: Int? = nil, step: Int? = nil
    ) -> Expression? {
        guard let node, let text = node.text, !text.isEmpty else { return nil }
        let inner = Template.whole(text)
        // Reported by the structure check.
        if inner == nil, Template.contains(in: text) { return nil }
        do {
            let parsed = try ExpressionParser.parse(inner ?? text, base: inner == nil ? 0 : 3)
            warnIfConstant(parsed.expression, node)
            add(ExpressionSite(field: field, job: job, step: step, parsed: parsed, node: node))
            return parsed.expression
        } catch {
            report(error, in: node)
            return nil
        }
    }

    /// `true` and `false` are deliberate; any other constant is probably a mistake.
    private mutating func warnIfConstant(_ condition: Expression, _ node: YAMLNode) {
        guard let value = condition.constant, value.bool == nil else { return }
        collector.report(
            .constantCondition, "the condition is always \(value.isTruthy ? "true" : "false")",
            at: collector.source.position(node.mark),
            hint: "compare it with a value, for example: git.branch == 'main'",
            severity: .warning)
    }

    /// Any value, with expressions in its texts; an empty value is null.
    /// `keepsPlain`: unquoted scalars can still be read as a number, a boolean or null.
    mutating func data(
        _ node: YAMLNode, _ field: ExpressionSite.Field, job: Int, step: Int? = nil, keepsPlain: Bool = false
    ) -> Expression {
        switch node.content {
        case .scalar(let text, .plain) where keepsPlain && !node.isEmpty && !Template.contains(in: text):
            return .plain(text)
        case .scalar: return template(node, field, job: job, step: step) ?? .literal(.null)
        case .sequence(let elements):
            return .list(elements.map { data($0, field, job: job, step: step, keepsPlain: keepsPlain) })
        case .mapping(let entries):
            var members: [String: Expression] = [:]
            for entry in entries {
                members[entry.key] = data(entry.value, field, job: job, step: step, keepsPlain: keepsPlain)
            }
            return .object(members)
        }
    }

    private mutating func report(_ error: ExpressionSyntaxError, in node: YAMLNode) {
        collector.report(
            .invalidExpression, error.message, at: collector.source.position(ofOffset: error.offset, in: node),
            hint: error.hint)
    }
}
