/// The status of the run where an expression is evaluated.
package enum RunStatus: Sendable {
    case succeeding, failed, cancelled
    /// Nothing failed, but a job that this one needs did not run.
    case skipped
}

/// Evaluates expressions over a tree of contexts; results are never evaluated again.
package struct Evaluator: Sendable {
    /// Returns one hash of the files that match the patterns.
    package typealias HashFiles = @Sendable ([String]) throws(ExpressionError) -> String
    /// Returns the contexts; only the part that the path names has to be complete, everything for an empty path.
    package typealias Contexts = @Sendable (_ path: [String]) -> [String: Value]

    private let contexts: Contexts
    private let hashFiles: HashFiles?
    package let status: RunStatus

    /// `contexts` is called once for each reference. Without `hashFiles` a call of that function is an error.
    package init(
        status: RunStatus = .succeeding, hashFiles: HashFiles? = nil, lookingUp contexts: @escaping Contexts
    ) {
        self.contexts = contexts
        self.hashFiles = hashFiles
        self.status = status
    }

    /// An evaluator over complete contexts.
    package init(
        status: RunStatus = .succeeding, hashFiles: HashFiles? = nil,
        contexts: @escaping @Sendable () -> [String: Value]
    ) {
        self.init(status: status, hashFiles: hashFiles, lookingUp: { _ in contexts() })
    }

    /// Throws `ExpressionError` for an unknown name or function.
    package func evaluate(_ expression: Expression) throws(ExpressionError) -> Value {
        switch expression {
        case .literal(let value): return value
        case .plain(let text): return .string(text)
        case .reference(let path): return try look(up: path)
        case .call(let name, let arguments): return try call(name, arguments)
        case .not(let inner): return .bool(!(try evaluate(inner).isTruthy))
        case .and(let left, let right):
            let first = try evaluate(left)
            return first.isTruthy ? try evaluate(right) : first
        case .or(let left, let right):
            let first = try evaluate(left)
            return first.isTruthy ? first : try evaluate(right)
        case .equal(let left, let right): return .bool(areEqual(try evaluate(left), try evaluate(right)))
        case .compare(let comparison, let left, let right):
            return .bool(try compare(comparison, try evaluate(left), try evaluate(right)))
        case .index(let whole, let key): return try member(try evaluate(key), of: try evaluate(whole))
        case .concatenation(let parts): return .string(try evaluate(all: parts).map(\.text).joined())
        case .list(let parts): return .list(try evaluate(all: parts))
        case .object(let members):
            var values: [String: Value] = [:]
            for (name, member) in members { values[name] = try evaluate(member) }
            return .object(values)
        }
    }

    private func evaluate(all expressions: [Expression]) throws(ExpressionError) -> [Value] {
        var values: [Value] = []
        for expression in expressions { values.append(try evaluate(expression)) }
        return values
    }

    /// Whether an `if` is true; one without a status function is combined with `success()`.
    package func holds(_ condition: Expression) throws(ExpressionError) -> Bool {
        if !condition.checksStatus && status != .succeeding { return false }
        return try evaluate(condition).isTruthy
    }

    private func look(up path: [String]) throws(ExpressionError) -> Value {
        var current = Value.object(contexts(path))
        for (depth, key) in path.enumerated() {
            guard case .object(let members) = current, let member = members[key] else {
                throw ExpressionError(unknown: path.prefix(depth + 1), among: current)
            }
            current = member
        }
        if current.isIncomplete { throw ExpressionError(withheld: path) }
        return current
    }

    private func call(_ name: String, _ arguments: [Expression]) throws(ExpressionError) -> Value {
        if let status = StatusFunction(rawValue: name) { return .bool(holds(status)) }
        guard let function = BuiltinFunction(rawValue: name) else {
            throw ExpressionError(message: "unknown function '\(name)'")
        }
        let values = function == .fallback ? try evaluate(fallback: arguments) : try evaluate(all: arguments)
        return try FunctionCall(function: function, arguments: values).result(hashFiles: hashFiles)
    }

    /// A first value that is missing is null.
    private func evaluate(fallback arguments: [Expression]) throws(ExpressionError) -> [Value] {
        do {
            return try evaluate(all: arguments)
        } catch  where error.isMissing {
            return [.null] + (try evaluate(all: Array(arguments.dropFirst())))
        }
    }

    private func holds(_ function: StatusFunction) -> Bool {
        switch function {
        case .success: status == .succeeding
        case .failure: status == .failed
        case .cancelled: status == .cancelled
        case .always: true
        }
    }

    /// A number in an expression is rounded, so that a long one is compared with it as rounded.
    private func areEqual(_ left: Value, _ right: Value) -> Bool {
        switch (left, right) {
        case (.digits, .number), (.number, .digits): left.rounded == right.rounded
        default: left == right
        }
    }

    private func compare(
        _ comparison: Expression.Comparison, _ left: Value, _ right: Value
    ) throws(ExpressionError) -> Bool {
        guard let left = left.rounded, let right = right.rounded else {
            throw ExpressionError(
                message: "'\(comparison.rawValue)' compares numbers, not \(left.kindName) and \(right.kindName)")
        }
        switch comparison {
        case .less: return left < right
        case .lessOrEqual: return left <= right
        case .greater: return left > right
        case .greaterOrEqual: return left >= right
        }
    }

    private func member(_ key: Value, of whole: Value) throws(ExpressionError) -> Value {
        switch (whole, key) {
        case (.object(let members), .string(let name)):
            guard let member = members[name] else { throw ExpressionError(missing: name, in: whole) }
            return member
        case (.list(let elements), .number(let number)):
            guard let index = Int(exactly: number), elements.indices.contains(index) else {
                throw ExpressionError(missing: "index out of range: \(key.text)")
            }
            return elements[index]
        case (.null, _): throw ExpressionError(missing: "null has no member '\(key.text)'")
        default: throw ExpressionError(message: "\(whole.kindName) has no member '\(key.text)'")
        }
    }
}

/// Why an expression cannot be evaluated.
package struct ExpressionError: Error, Sendable, Equatable {
    package var message: String
    /// Whether `default` replaces the value: only the run knows the members of data and the outputs of scripts.
    private(set) var isMissing = false

    /// Whether the value was lost with the process that knew it.
    package private(set) var isWithheld = false

    package init(message: String) { self.message = message }

    package static func == (left: Self, right: Self) -> Bool { left.message == right.message }

    fileprivate init(withheld path: [String]) {
        message = "'\(path.joined(separator: "."))' contained a secret, which the journal of the run does not have"
        isWithheld = true
    }

    fileprivate init(missing message: String) {
        self.message = message
        isMissing = true
    }

    fileprivate init(missing name: String, in parent: Value) {
        self.init(unknown: [name], among: parent)
        isMissing = true
    }

    fileprivate init(unknown path: ArraySlice<String>, among parent: Value) {
        switch path.first.flatMap(ExpressionContext.init(rawValue:)) {
        case .steps: isMissing = path.count == 4 && path[2] == "outputs"
        // Other names than these are known before the run, so that they are checked there.
        case .matrix, .secrets, .env: isMissing = path.count == 2
        default: break
        }
        var text = "unknown name '\(path.joined(separator: "."))'"
        if case .object(let members) = parent, !members.isEmpty, path.first != ExpressionContext.secrets.rawValue {
            text += " (available: \(members.keys.sorted().prefix(12).joined(separator: ", ")))"
        }
        message = text
    }
}
