/// A parsed `${{ }}` or `if` expression.
package indirect enum Expression: Hashable, Sendable {
    /// How two numbers are compared.
    package enum Comparison: String, Sendable, CaseIterable {
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
    }

    case literal(Value)
    /// An unquoted YAML scalar inside a mapping or list: a text, unless the input keeps types.
    case plain(String)
    /// A path into the contexts: `inputs.deployment`, `steps.wait.outputs.result`.
    case reference([String])
    case call(String, [Expression])
    case not(Expression)
    case and(Expression, Expression)
    case or(Expression, Expression)
    case equal(Expression, Expression)
    case compare(Comparison, Expression, Expression)
    /// A member of an object by its key, or of a list by its index.
    case index(Expression, Expression)
    /// Text that contains expressions.
    case concatenation([Expression])
    case list([Expression])
    case object([String: Expression])

    /// The condition of a step without `if`: no earlier step failed.
    package static let success = Expression.call("success", [])
    package static let failure = Expression.call("failure", [])
    package static let always = Expression.call("always", [])

    package static func input(_ name: String) -> Expression {
        .reference(["inputs", name])
    }

    package static func output(_ name: String, of step: String) -> Expression {
        .reference(["steps", step, "outputs", name])
    }

    package static func notEqual(_ left: Expression, _ right: Expression) -> Expression {
        .not(.equal(left, right))
    }

    /// Whether it calls a status function; if so it is not combined with `success()`.
    package var checksStatus: Bool {
        if case .call(let name, _) = self, StatusFunction(rawValue: name) != nil { return true }
        return operands.contains(where: \.checksStatus)
    }

    /// The direct subexpressions.
    package var operands: [Expression] {
        switch self {
        case .literal, .plain, .reference: []
        case .not(let inner): [inner]
        case .and(let left, let right), .or(let left, let right), .equal(let left, let right),
            .compare(_, let left, let right), .index(let left, let right):
            [left, right]
        case .call(_, let parts), .concatenation(let parts), .list(let parts): parts
        case .object(let members): Array(members.values)
        }
    }

    /// The value, if it does not depend on the run.
    package var constant: Value? {
        switch self {
        case .literal(let value): value
        case .plain(let text): .string(text)
        case .list(let parts):
            parts.allSatisfy { $0.constant != nil } ? .list(parts.compactMap(\.constant)) : nil
        case .object(let members):
            members.values.allSatisfy { $0.constant != nil } ? .object(members.compactMapValues(\.constant)) : nil
        default: nil
        }
    }
}

extension Expression {
    /// With the unquoted scalars of mappings and lists as YAML's core schema reads them.
    package var withTypedScalars: Expression {
        switch self {
        case .plain(let text): .literal(Value(coreText: text))
        case .list(let parts): .list(parts.map(\.withTypedScalars))
        case .object(let members): .object(members.mapValues(\.withTypedScalars))
        default: self
        }
    }
}

extension Expression: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral {
    package init(stringLiteral value: String) { self = .literal(.string(value)) }
    package init(booleanLiteral value: Bool) { self = .literal(.bool(value)) }
}

/// The functions that check the status of the run.
package enum StatusFunction: String, Sendable, CaseIterable {
    case success, failure, cancelled, always
}

/// The first component of a name in an expression.
package enum ExpressionContext: String, Sendable, CaseIterable {
    case git, ci, inputs, env, matrix, needs, steps, secrets

    package var summary: String {
        switch self {
        case .git: "the commit that is deployed"
        case .ci: "the CI system; empty outside CI"
        case .inputs: "the inputs of the workflow"
        case .env: "the variables of the workflow, the job and the step"
        case .matrix: "the job's row of its matrix"
        case .needs: "`result` and `outputs` of the jobs in `needs`, and of each row in `rows`"
        case .steps: "`outputs`, `outcome` and `conclusion` of earlier steps"
        case .secrets: "secret variables; only in `env` and in secret inputs of steps"
        }
    }

    /// The names in contexts that are the same for every workflow; nil for the other contexts.
    package var fixedNames: [String: [String]]? {
        switch self {
        case .git:
            [
                "sha": [], "ref": [], "branch": [], "tag": [], "remote-url": [], "dirty": [],
                "change": ["number", "head-sha", "head-ref", "from-fork", "action"],
            ]
        case .ci: ["name": [], "run-id": [], "run-url": [], "event": [], "actor": [], "job": []]
        default: nil
        }
    }
}
