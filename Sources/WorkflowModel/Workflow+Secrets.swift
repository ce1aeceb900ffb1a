extension Workflow {
    /// The secrets that its expressions name.
    package var secretNames: Set<String> {
        var names: Set<String> = []
        for expression in expressions { Self.collect(expression, &names) }
        return names
    }

    /// The step types and files that its steps use.
    package var usedTypes: Set<String> { Set(jobs.flatMap { $0.steps.map(\.uses) }) }

    /// All that may hold a secret.
    private var expressions: [Expression] {
        var found = Array(env.values)
        for job in jobs {
            found += job.env.values
            for step in job.steps { found += Array(step.env.values) + Array(step.with.values) }
        }
        return found
    }

    private static func collect(_ expression: Expression, _ names: inout Set<String>) {
        if case .reference(let path) = expression, path.count == 2, path[0] == ExpressionContext.secrets.rawValue {
            names.insert(path[1])
        }
        for operand in expression.operands { collect(operand, &names) }
    }
}
