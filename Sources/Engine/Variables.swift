import WorkflowModel

/// The context `env`: variables in layers, where an inner one wins and may look at the outer ones, but not at its own.
struct Variables: Sendable {
    private(set) var values: [String: Value] = [:]
    /// Why the first variable that has no value has none; it is left out.
    private(set) var failure: StepFailure?

    /// `contexts` are asked only when there is something to evaluate; secrets are added to them.
    init(layers: [[String: Expression]], facts: RunContext, contexts: @escaping Evaluator.Contexts) {
        for layer in layers where !layer.isEmpty {
            let outer = values
            let evaluator = Evaluator(hashFiles: facts.hashFiles) { path in
                contexts(path).merging(["env": .object(outer), "secrets": facts.secretsContext]) { $1 }
            }
            for (name, expression) in layer.sorted(by: { $0.key < $1.key }) { add(name, expression, evaluator) }
        }
    }

    private mutating func add(_ name: String, _ expression: Expression, _ evaluator: Evaluator) {
        do {
            values[name] = try evaluator.evaluate(expression)
        } catch {
            values[name] = nil
            failure =
                failure
                ?? StepFailure(.invalidWorkflow, code: "InvalidExpression", "env.\(name): \(error.message)")
        }
    }

    /// As the environment of a process has them.
    var texts: [String: String] { values.mapValues(\.text) }

    /// What is known before any job runs.
    static func contexts(
        ofMatricesIn workflow: Workflow, inputs: [String: Value], facts: RunContext
    ) -> [String: Value] {
        let known = ["git": facts.git, "ci": facts.ci, "inputs": .object(inputs)]
        let variables = Variables(layers: [workflow.env], facts: facts) { _ in known }
        return known.merging(["env": .object(variables.values)]) { $1 }
    }
}

extension RunContext {
    var secretsContext: Value { .object(secrets.mapValues { .string($0) }) }
}
