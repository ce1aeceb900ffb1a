/// How the run stands where an expression is evaluated.
package enum RunStanding: Sendable {
    case succeeding, failed, cancelled
    /// Nothing failed, but a job that this one needs did not run.
    case skipped
}

/// Evaluates expressions over a tree of contexts; pure, one pass, results are never scanned again.
package struct Evaluator: Sendable {
    private let contexts: @Sendable () -> [String: Value]
    package let standing: RunStanding

    /// `contexts` is asked once for every reference, and not at all by an expression without one.
    package init(standing: RunStanding = .succeeding, contexts: @escaping @Sendable () -> [String: Value]) {
        self.contexts = contexts
        self.standing = standing
    }

    /// Throws `ExpressionError` for a name that no context has or a function that does not exist.
    package func evaluate(_ expression: Expression) throws(ExpressionError) -> Value {
        switch expression {
        case .literal(let value): return value
        case .reference(let path): return try look(up: path)
        case .call(let name, let arguments): return try call(name, arguments)
        case .not(let inner): return .bool(!(try evaluate(inner).isTruthy))
        case .and(let left, let right):
            let first = try evaluate(left)
            return first.isTruthy ? try evaluate(right) : first
        case .or(let left, let right):
            let first = try evaluate(left)
            return first.isTruthy ? first : try evaluate(right)
        case .equal(let left, let right): return .bool(try evaluate(left) == (try evaluate(right)))
        }
    }

    /// The truth of an `if`; one that asks for no status is joined with `success()`.
    package func holds(_ condition: Expression) throws(ExpressionError) -> Bool {
        if !condition.mentionsStatus && standing != .succeeding { return false }
        return try evaluate(condition).isTruthy
    }

    private func look(up path: [String]) throws(ExpressionError) -> Value {
        var current = Value.object(contexts())
        for (depth, key) in path.enumerated() {
            guard case .object(let members) = current, let member = members[key] else {
                throw ExpressionError(unknown: path.prefix(depth + 1), among: current)
            }
            current = member
        }
        return current
    }

    private func call(_ name: String, _ arguments: [Expression]) throws(ExpressionError) -> Value {
        if let status = StatusFunction(rawValue: name) { return .bool(holds(status)) }
        var values: [Value] = []
        for argument in arguments { values.append(try evaluate(argument)) }
        guard name == "format", case .string(let pattern)? = values.first else {
            throw ExpressionError(message: "unknown function '\(name)'")
        }
        return .string(fill(pattern, with: values.dropFirst().map(\.text)))
    }

    private func holds(_ status: StatusFunction) -> Bool {
        switch status {
        case .success: standing == .succeeding
        case .failure: standing == .failed
        case .cancelled: standing == .cancelled
        case .always: true
        }
    }

    private func fill(_ pattern: String, with values: [String]) -> String {
        var result = ""
        var rest = pattern[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            result += rest[..<open]
            if let index = Int(rest[rest.index(after: open)..<close]), values.indices.contains(index) {
                result += values[index]
            } else {
                result += rest[open...close]
            }
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }
}

/// An expression that has no value.
package struct ExpressionError: Error, Sendable, Equatable {
    package var message: String

    package init(message: String) { self.message = message }

    fileprivate init(unknown path: ArraySlice<String>, among parent: Value) {
        var text = "nothing is named '\(path.joined(separator: "."))'"
        if case .object(let members) = parent, !members.isEmpty {
            text += " (there are: \(members.keys.sorted().prefix(12).joined(separator: ", ")))"
        }
        message = text
    }
}
