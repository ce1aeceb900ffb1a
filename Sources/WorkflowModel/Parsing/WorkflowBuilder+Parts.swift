import Clocks

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
                .expressionNotAllowed, "a default cannot hold an expression", at: fallback.mark,
                hint: "use default(inputs.\(entry.key), …) where the input is used")
            return input
        }
        do {
            input.defaultValue = try input.value(of: text)
        } catch {
            collector.report(.invalidValue, "the default of '\(entry.key)': \(error.message)", at: fallback.mark)
        }
        return input
    }

    private mutating func check(_ input: InputDefinition, _ node: YAMLNode) {
        if input.kind == .choice, input.options.isEmpty {
            collector.report(
                .missingKey, "the choice '\(input.name)' has no options",
                at: input.position ?? collector.source.position(node.mark), hint: "for example: options: [staging, production]")
        }
        if input.kind != .choice, let options = node[.options] {
            collector.report(.invalidValue, "'options' belong to the type choice", at: options.mark)
        }
        guard let pattern = node[.pattern], let text = pattern.text else { return }
        if input.kind != .string {
            collector.report(.invalidValue, "'pattern' belongs to the type string", at: pattern.mark)
        } else if (try? Regex(text)) == nil {
            // Why is not told: the message of the regular expression parser names places of its own.
            collector.report(.invalidValue, "'\(text)' is no regular expression", at: pattern.mark)
        }
    }

    mutating func strategy(_ node: YAMLNode?, job: Int) -> Strategy? {
        guard let node, let matrix = node[.matrix], let entries = matrix.entries else { return nil }
        var result = Matrix(axes: [], position: collector.source.position(matrix.mark))
        for entry in entries {
            switch entry.key {
            case WorkflowKey.include.rawValue: result.include = rows(entry.value, job: job)
            case WorkflowKey.exclude.rawValue: result.exclude = rows(entry.value, job: job)
            default: result.axes.append(.init(entry.key, data(entry.value, .strategy, job: job)))
            }
        }
        return Strategy(
            matrix: result, maxParallel: node[.maxParallel]?.coreNumber.flatMap(Int.init(exactly:)),
            failFast: node[.failFast]?.coreBoolean ?? true)
    }

    private mutating func rows(_ node: YAMLNode, job: Int) -> [[String: Expression]] {
        (node.elements ?? []).compactMap(\.entries).map { entries in
            var row: [String: Expression] = [:]
            for entry in entries { row[entry.key] = data(entry.value, .strategy, job: job) }
            return row
        }
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

    /// `run` as inputs of the step type that runs it: a script is never looked into.
    mutating func command(_ node: YAMLNode, _ at: Location) -> [String: Expression] {
        if let text = node.text { return ["script": .literal(.string(text))] }
        return ["command": data(node, .stepSetting, job: at.job, step: at.step)]
    }

    mutating func inputs(_ node: YAMLNode?, _ at: Location) -> [String: Expression] {
        var result: [String: Expression] = [:]
        for entry in node?.entries ?? [] {
            result[entry.key] = data(entry.value, .stepInput(entry.key), job: at.job, step: at.step)
        }
        return result
    }
}
