/// A parsed `${{ }}` or `if` expression.
package indirect enum Expression: Hashable, Sendable {
    case literal(Value)
    /// A path into the contexts: `inputs.deployment`, `steps.wait.outputs.result`.
    case reference([String])
    case call(String, [Expression])
    case not(Expression)
    case and(Expression, Expression)
    case or(Expression, Expression)
    case equal(Expression, Expression)

    /// No step before this one failed: the condition of a step that names none.
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

    /// Whether the author decides when this runs in the face of failure: such a condition is not joined with
    /// `success()`.
    package var mentionsStatus: Bool {
        switch self {
        case .literal, .reference: false
        case .call(let name, let arguments):
            StatusFunction(rawValue: name) != nil || arguments.contains(where: \.mentionsStatus)
        case .not(let inner): inner.mentionsStatus
        case .and(let left, let right), .or(let left, let right), .equal(let left, let right):
            left.mentionsStatus || right.mentionsStatus
        }
    }
}

extension Expression: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral {
    package init(stringLiteral value: String) { self = .literal(.string(value)) }
    package init(booleanLiteral value: Bool) { self = .literal(.bool(value)) }
}

/// The functions that ask how the run stands.
package enum StatusFunction: String, Sendable, CaseIterable {
    case success, failure, cancelled, always
}
