package import WorkflowModel

/// A value before the run, if it is known.
package enum StaticValue: Sendable, Equatable {
    case known(Value)
    /// It depends on these, which are only known during the run: `steps.deploy`, `needs.staging`.
    case later([String])
    case secret

    package var value: Value? {
        if case .known(let value) = self { value } else { nil }
    }
}

/// Evaluates expressions before the run, as far as they are known.
struct StaticEvaluator {
    /// The expression behind each variable, from the outermost layer to the innermost.
    let variables: [[String: Expression]]
    /// Inputs that depend on earlier steps or jobs.
    let unknownInputs: [String: [String]]
    /// Whether the row of the matrix is known.
    var knowsRow = true
    let evaluator: Evaluator

    /// Throws `ExpressionError` for an expression that cannot be evaluated.
    func value(of expression: Expression) throws(ExpressionError) -> StaticValue {
        let causes = causes(of: expression, layers: variables.count)
        if causes.contains(where: { $0.hasPrefix("secrets") }) { return .secret }
        guard causes.isEmpty else { return .later(causes) }
        return .known(try evaluator.evaluate(expression))
    }

    /// Whether a condition is true if nothing fails; nil if unknown.
    func holds(_ condition: Expression) throws(ExpressionError) -> Bool? {
        guard causes(of: condition, layers: variables.count).isEmpty else { return nil }
        return try evaluator.holds(condition)
    }

    /// What an expression depends on, without duplicates. A variable can use the layers outside its own.
    private func causes(of expression: Expression, layers: Int) -> [String] {
        var found: [String] = []
        if case .reference(let path) = expression { found += causes(of: path, layers: layers) }
        for operand in expression.operands { found += causes(of: operand, layers: layers) }
        var seen: Set<String> = []
        return found.filter { seen.insert($0).inserted }
    }

    private func causes(of path: [String], layers: Int) -> [String] {
        guard let context = path.first.flatMap(ExpressionContext.init(rawValue:)) else { return [] }
        let name = path.dropFirst().first
        switch context {
        case .steps, .needs, .secrets: return [path.prefix(2).joined(separator: ".")]
        case .inputs: return name.flatMap { unknownInputs[$0] } ?? []
        case .env:
            guard let name else { return variables.prefix(layers).flatMap(\.keys).isEmpty ? [] : ["env"] }
            for layer in variables.indices.prefix(layers).reversed() {
                if let expression = variables[layer][name] { return causes(of: expression, layers: layer) }
            }
            return []
        case .matrix: return knowsRow ? [] : [path.prefix(2).joined(separator: ".")]
        case .git, .ci: return []
        }
    }
}
