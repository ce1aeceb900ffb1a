/// A workflow: jobs that can depend on each other, each a list of steps.
package struct Workflow: Sendable {
    package var name: String
    package var inputs: [InputDefinition]
    package var env: [String: Expression]
    package var jobs: [Job]
    /// Values for a workflow that uses this one.
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

/// All problems with the inputs of a run.
package struct InvalidInputs: Error, Sendable, Equatable {
    /// One message for each input.
    package var messages: [String]
    /// The next action.
    package var hint: String
}

extension Workflow {
    /// The inputs of a run: the given texts parsed by type, and defaults for the rest.
    ///
    /// Throws `InvalidInputs` naming all that are missing, unknown or of the wrong type.
    package func resolve(_ given: [String: String]) throws(InvalidInputs) -> [String: Value] {
        var values: [String: Value] = [:]
        var messages = given.keys.filter { name in !inputs.contains { $0.name == name } }.sorted().map {
            "unknown input '\($0)'\(suggestion(for: $0))"
        }
        for input in inputs {
            guard let text = given[input.name] else {
                if input.isRequired, input.defaultValue == .null { messages.append("missing input '\(input.name)'") }
                values[input.name] = input.defaultValue
                continue
            }
            do {
                values[input.name] = try input.value(of: text)
            } catch {
                messages.append("invalid input '\(input.name)': \(error.message)")
            }
        }
        guard messages.isEmpty else {
            throw InvalidInputs(messages: messages, hint: "pass inputs as --input NAME=VALUE; \(listing)")
        }
        return values
    }

    /// The same for typed values: null and the empty text count as absent, and a list becomes a text with one item a
    /// line.
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
        inputs.isEmpty
            ? "this workflow has no inputs" : "available inputs: \(inputs.map(\.name).joined(separator: ", "))"
    }
}

extension Workflow {
    /// The secrets in its expressions.
    package var secretNames: SecretNames {
        var names = SecretNames()
        for expression in expressions { names.collect(expression) }
        return names
    }

    /// The step types and workflow files that its steps use.
    package var usedTypes: Set<String> { Set(jobs.flatMap { $0.steps.map(\.uses) }) }

    /// All expressions that can contain a secret.
    private var expressions: [Expression] {
        var found = Array(env.values)
        for job in jobs {
            found += job.env.values
            for step in job.steps { found += Array(step.env.values) + Array(step.with.values) }
        }
        return found
    }
}

/// The names of secrets in expressions.
package struct SecretNames: Sendable, Equatable {
    package private(set) var required: Set<String> = []
    /// With a default: `default(secrets.NAME, '')`. They can be required elsewhere.
    package private(set) var optional: Set<String> = []

    package init() {}

    package mutating func formUnion(_ other: SecretNames) {
        required.formUnion(other.required)
        optional.formUnion(other.optional)
    }

    fileprivate mutating func collect(_ expression: Expression) {
        if let name = Self.name(in: expression) { required.insert(name) }
        var operands = expression.operands
        if case .call(BuiltinFunction.fallback.rawValue, let arguments) = expression,
            let name = arguments.first.flatMap(Self.name)
        {
            optional.insert(name)
            operands.removeFirst()
        }
        for operand in operands { collect(operand) }
    }

    private static func name(in expression: Expression) -> String? {
        guard case .reference(let path) = expression, path.count == 2,
            path.first == ExpressionContext.secrets.rawValue
        else { return nil }
        return path.last
    }
}

extension Workflow {
    /// The signature of a step that uses this workflow as `uses`.
    package func signature(as uses: String) -> StepSignature {
        StepSignature(
            uses: uses, summary: name,
            inputs: inputs.map {
                .init($0.name, isRequired: $0.isRequired, default: $0.defaultValue, as: $0.form, $0.description)
            },
            outputs: outputs.keys.sorted().map { .init($0, "") },
            // Whatever its last step found.
            isMomentary: true)
    }
}
