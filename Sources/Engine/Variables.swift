import WorkflowModel

/// The context `env`: layers of variables, where inner layers override outer ones and can use them.
struct Variables: Sendable {
    private(set) var values: [String: Value] = [:]
    /// The failure of the first variable that cannot be evaluated; it is left out.
    private(set) var failure: StepFailure?

    /// `contexts` is called only if there is something to evaluate; secrets are added to it.
    init(layers: [[String: Expression]], context: RunContext, contexts: @escaping Evaluator.Contexts) {
        for layer in layers where !layer.isEmpty {
            let outer = values
            let evaluator = Evaluator(hashFiles: context.hashFiles) { path in
                contexts(path).merging(["env": .object(outer), "secrets": context.secretsContext]) { $1 }
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
                ?? StepFailure(error, in: "env.\(name)")
        }
    }

    /// The variables as texts, for the environment of a process.
    var texts: [String: String] { values.mapValues(\.text) }

    /// The contexts that are known before any job runs.
    static func contexts(
        ofMatricesIn workflow: Workflow, inputs: [String: Value], context: RunContext
    ) -> [String: Value] {
        let known = ["git": context.git, "ci": context.ci, "inputs": .object(inputs)]
        let variables = Variables(layers: [workflow.env], context: context) { _ in known }
        return known.merging(["env": .object(variables.values)]) { $1 }
    }
}

extension RunContext {
    var secretsContext: Value { .object(secrets.mapValues { .string($0) }) }
}
