/// A whole workflow: jobs that depend on one another, each a list of steps.
package struct Workflow: Sendable {
    package var name: String
    package var inputs: [InputDefinition]
    package var env: [String: Expression]
    package var jobs: [Job]
    /// What a workflow that uses this one sees of it.
    package var outputs: [String: Expression]

    package init(
        name: String, inputs: [InputDefinition] = [], env: [String: Expression] = [:], jobs: [Job],
        outputs: [String: Expression] = [:]
    ) {
        self.name = name
        self.inputs = inputs
        self.env = env
        self.jobs = jobs
        self.outputs = outputs
    }

    package func job(_ id: String) -> Job? {
        jobs.first { $0.id == id }
    }
}

/// Everything that is wrong with the inputs that a caller gave.
package struct InvalidInputs: Error, Sendable, Equatable {
    /// One sentence for each input.
    package var messages: [String]
    /// The next thing to do.
    package var hint: String
}

extension Workflow {
    /// The inputs of a run: what the caller gave, read by type, and the defaults for the rest.
    ///
    /// Throws `InvalidInputs` naming all that are missing, unknown or of another type.
    package func resolve(_ given: [String: String]) throws(InvalidInputs) -> [String: Value] {
        var values: [String: Value] = [:]
        var messages = given.keys.filter { name in !inputs.contains { $0.name == name } }.sorted().map {
            "'\($0)' is no input\(suggestion(for: $0))"
        }
        for input in inputs {
            guard let text = given[input.name] else {
                if input.isRequired, input.defaultValue == .null { messages.append("'\(input.name)' is missing") }
                values[input.name] = input.defaultValue
                continue
            }
            do {
                values[input.name] = try input.value(of: text)
            } catch {
                messages.append("'\(input.name)': \(error.message)")
            }
        }
        guard messages.isEmpty else {
            throw InvalidInputs(messages: messages, hint: "give inputs as --input NAME=VALUE; \(listing)")
        }
        return values
    }

    /// The same for values that have a type already: null and the empty text count as not given, and a list becomes a
    /// text with an item on each line.
    package func resolve(_ given: [String: Value]) throws(InvalidInputs) -> [String: Value] {
        var texts: [String: String] = [:]
        for (name, value) in given {
            let text = value.list.map { $0.map(\.text).joined(separator: "\n") } ?? value.text
            if !text.isEmpty { texts[name] = text }
        }
        return try resolve(texts)
    }

    private func suggestion(for name: String) -> String {
        Suggestion.closest(to: name, among: inputs.map(\.name)).map { " (did you mean '\($0)'?)" } ?? ""
    }

    private var listing: String {
        inputs.isEmpty ? "this workflow has none" : "there are: \(inputs.map(\.name).joined(separator: ", "))"
    }
}

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

extension Workflow {
    /// What a step takes and gives that uses this workflow by the path `uses`.
    package func signature(as uses: String) -> StepSignature {
        StepSignature(
            uses: uses, summary: name,
            inputs: inputs.map {
                .init($0.name, isRequired: $0.isRequired, default: $0.defaultValue, $0.description)
            },
            outputs: outputs.keys.sorted().map { .init($0, "") })
    }
}
