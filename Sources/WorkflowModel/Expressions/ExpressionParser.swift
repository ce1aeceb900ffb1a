/// A recursive descent parser of expressions; `||` binds loosest, then `&&`, `==`, `<`, `!`, `.` and `[]`.
package struct ExpressionParser {
    /// Nested parentheses, calls and indexes.
    package static let maximumDepth = 32
    /// UTF-8 bytes: 8 KiB.
    package static let maximumLength = 8192

    private let tokens: [Token]
    private let base: Int
    private var index = 0
    private var depth = 0
    private var references: [ParsedExpression.Reference] = []
    private var calls: [ParsedExpression.Call] = []

    /// `base` is the offset of `text` in a longer text; it is added to all offsets.
    package static func parse(
        _ text: some StringProtocol, base: Int = 0
    ) throws(ExpressionSyntaxError) -> ParsedExpression {
        guard text.utf8.count <= maximumLength else {
            throw ExpressionSyntaxError("the expression is longer than \(maximumLength) bytes", at: base)
        }
        do {
            var parser = ExpressionParser(tokens: try Lexer.tokens(of: text), base: base)
            return try parser.parse()
        } catch {
            throw ExpressionSyntaxError(error.message, hint: error.hint, at: error.offset + base)
        }
    }

    private init(tokens: [Token], base: Int) {
        self.tokens = tokens
        self.base = base
    }

    private mutating func parse() throws(ExpressionSyntaxError) -> ParsedExpression {
        guard current.kind != .end else { throw ExpressionSyntaxError("the expression is empty", at: current.offset) }
        let expression = try alternative()
        guard current.kind == .end else { throw unexpected("an operator or the end") }
        return ParsedExpression(expression: expression, references: references, calls: calls)
    }

    private var current: Token { index < tokens.count ? tokens[index] : Token(kind: .end, offset: 0) }

    private mutating func accept(_ symbol: String) -> Bool {
        guard current.kind == .symbol(symbol) else { return false }
        index += 1
        return true
    }

    private mutating func expect(_ symbol: String) throws(ExpressionSyntaxError) {
        guard accept(symbol) else { throw unexpected("'\(symbol)'") }
    }

    private func unexpected(_ wanted: String) -> ExpressionSyntaxError {
        ExpressionSyntaxError("unexpected \(current.description), expected \(wanted)", at: current.offset)
    }

    private mutating func nested<Result>(
        _ parse: (inout Self) throws(ExpressionSyntaxError) -> Result
    ) throws(ExpressionSyntaxError) -> Result {
        guard depth < Self.maximumDepth else {
            throw ExpressionSyntaxError(
                "the expression is nested deeper than \(Self.maximumDepth) levels", at: current.offset)
        }
        depth += 1
        defer { depth -= 1 }
        return try parse(&self)
    }
}

// MARK: - Operators

extension ExpressionParser {
    private mutating func alternative() throws(ExpressionSyntaxError) -> Expression {
        var operands = [try conjunction()]
        while accept("||") { operands.append(try conjunction()) }
        return fold(operands[...], Expression.or)
    }

    private mutating func conjunction() throws(ExpressionSyntaxError) -> Expression {
        var operands = [try equality()]
        while accept("&&") { operands.append(try equality()) }
        return fold(operands[...], Expression.and)
    }

    private mutating func equality() throws(ExpressionSyntaxError) -> Expression {
        let left = try comparison()
        let result: Expression
        if accept("==") {
            result = .equal(left, try comparison())
        } else if accept("!=") {
            result = .notEqual(left, try comparison())
        } else {
            return left
        }
        try refuseChain(of: ["==", "!="])
        return result
    }

    private mutating func comparison() throws(ExpressionSyntaxError) -> Expression {
        let left = try negation()
        guard let comparison = Expression.Comparison.allCases.first(where: { current.kind == .symbol($0.rawValue) })
        else { return left }
        index += 1
        let result = Expression.compare(comparison, left, try negation())
        try refuseChain(of: Expression.Comparison.allCases.map(\.rawValue))
        return result
    }

    private func refuseChain(of symbols: [String]) throws(ExpressionSyntaxError) {
        guard case .symbol(let symbol) = current.kind, symbols.contains(symbol) else { return }
        throw ExpressionSyntaxError(
            "comparisons cannot be chained", hint: "group them with parentheses", at: current.offset)
    }

    private mutating func negation() throws(ExpressionSyntaxError) -> Expression {
        guard accept("!") else { return try member() }
        return .not(try nested { parser throws(ExpressionSyntaxError) in try parser.negation() })
    }
}

// MARK: - Operands

extension ExpressionParser {
    private mutating func member() throws(ExpressionSyntaxError) -> Expression {
        let start = current.offset
        var (path, expression) = try operand()
        var length = 0
        while true {
            let key: Expression
            if accept(".") {
                key = .literal(.string(try name()))
            } else if accept("[") {
                key = try nested { parser throws(ExpressionSyntaxError) in try parser.alternative() }
                try expect("]")
            } else {
                break
            }
            length += 1
            guard length <= Self.maximumDepth else {
                throw ExpressionSyntaxError("the path is longer than \(Self.maximumDepth) names", at: start)
            }
            if var names = path, case .literal(.string(let text)) = key {
                names.append(text)
                path = names
            } else {
                expression = .index(settled(path, expression, from: start), key)
                path = nil
            }
        }
        return settled(path, expression, from: start)
    }

    /// A complete path becomes a reference.
    private mutating func settled(_ path: [String]?, _ expression: Expression, from start: Int) -> Expression {
        guard let path else { return expression }
        references.append(.init(path: path, offset: base + start))
        return .reference(path)
    }

    private mutating func name() throws(ExpressionSyntaxError) -> String {
        guard case .name(let name) = current.kind else { throw unexpected("a name") }
        index += 1
        return name
    }

    /// A path of one name, or another expression.
    private mutating func operand() throws(ExpressionSyntaxError) -> ([String]?, Expression) {
        let token = current
        if accept("(") {
            let inner = try nested { parser throws(ExpressionSyntaxError) in try parser.alternative() }
            try expect(")")
            return (nil, inner)
        }
        switch token.kind {
        case .string(let text): index += 1; return (nil, .literal(.string(text)))
        case .number(let number): index += 1; return (nil, .literal(.number(number)))
        case .name(let name):
            index += 1
            if accept("(") { return (nil, try call(name, at: token.offset)) }
            let constants: [String: Value] = ["true": true, "false": false, "null": .null]
            if let constant = constants[name] { return (nil, .literal(constant)) }
            return ([name], .reference([name]))
        case .symbol, .end: throw unexpected("a value")
        }
    }

    private mutating func call(_ name: String, at offset: Int) throws(ExpressionSyntaxError) -> Expression {
        var arguments: [Expression] = []
        if !accept(")") {
            repeat {
                arguments.append(try nested { parser throws(ExpressionSyntaxError) in try parser.alternative() })
            } while accept(",")
            try expect(")")
        }
        calls.append(.init(name: name, argumentCount: arguments.count, offset: base + offset))
        return .call(name, arguments)
    }
}

/// Builds a balanced tree of a long chain, so that evaluating it needs no deep stack; the order of evaluation is the same.
private func fold(_ operands: ArraySlice<Expression>, _ join: (Expression, Expression) -> Expression) -> Expression {
    guard operands.count > 1 else { return operands.first ?? .literal(.null) }
    let middle = operands.startIndex + operands.count / 2
    return join(fold(operands[..<middle], join), fold(operands[middle...], join))
}

/// An expression with its references and calls and their offsets, for checks before a run.
package struct ParsedExpression: Sendable, Equatable {
    /// A path into the contexts.
    package struct Reference: Sendable, Equatable {
        package var path: [String]
        /// In Unicode scalars from the start of the text.
        package var offset: Int
    }

    package struct Call: Sendable, Equatable {
        package var name: String
        package var argumentCount: Int
        /// In Unicode scalars from the start of the text.
        package var offset: Int
    }

    package var expression: Expression
    package var references: [Reference] = []
    package var calls: [Call] = []
}
