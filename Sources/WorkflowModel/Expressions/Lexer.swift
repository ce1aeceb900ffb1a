/// Splits the text of an expression into tokens.
struct Lexer {
    private static let symbols = ["==", "!=", "&&", "||", "<=", ">=", "!", "<", ">", "(", ")", "[", "]", ".", ","]

    private let scalars: [Unicode.Scalar]
    private var offset = 0

    private init(_ text: some StringProtocol) { scalars = Array(text.unicodeScalars) }

    /// The last token is the end.
    static func tokens(of text: some StringProtocol) throws(ExpressionSyntaxError) -> [Token] {
        var lexer = Lexer(text)
        var tokens: [Token] = []
        while let token = try lexer.next() { tokens.append(token) }
        tokens.append(Token(kind: .end, offset: lexer.offset))
        return tokens
    }

    private var current: Unicode.Scalar? { offset < scalars.count ? scalars[offset] : nil }

    private mutating func next() throws(ExpressionSyntaxError) -> Token? {
        while let scalar = current, " \t\r\n".unicodeScalars.contains(scalar) { offset += 1 }
        guard let scalar = current else { return nil }
        let start = offset
        let followsDigit = scalar == "-" && offset + 1 < scalars.count && isDigit(scalars[offset + 1])
        if isLetter(scalar) {
            return Token(kind: .name(take { isLetter($0) || isDigit($0) || $0 == "-" }), offset: start)
        }
        if scalar == "'" { return Token(kind: .string(try string()), offset: start) }
        if isDigit(scalar) || followsDigit { return Token(kind: .number(try number()), offset: start) }
        if let symbol = Self.symbols.first(where: starts) {
            offset += symbol.unicodeScalars.count
            return Token(kind: .symbol(symbol), offset: start)
        }
        throw unexpected(scalar)
    }

    private func unexpected(_ scalar: Unicode.Scalar) -> ExpressionSyntaxError {
        let hints: [Unicode.Scalar: String] = [
            "\"": "write text in single quotes: 'main'", "=": "use '==' to compare", "&": "use '&&'", "|": "use '||'",
            "$": "write the name alone: inputs.ref",
        ]
        let shown = scalar.properties.generalCategory == .control ? "control character" : "'\(scalar)'"
        return ExpressionSyntaxError("unexpected \(shown)", hint: hints[scalar], at: offset)
    }

    private mutating func take(while belongs: (Unicode.Scalar) -> Bool) -> String {
        var text = String.UnicodeScalarView()
        while let scalar = current, belongs(scalar) {
            text.append(scalar)
            offset += 1
        }
        return String(text)
    }

    private mutating func string() throws(ExpressionSyntaxError) -> String {
        let start = offset
        var text = ""
        repeat {
            offset += 1
            text += take { $0 != "'" }
            guard current != nil else {
                throw ExpressionSyntaxError(
                    "unterminated text", hint: "close it with '; write a quote inside as ''", at: start)
            }
            offset += 1
            if current == "'" { text += "'" }
        } while current == "'"
        return text
    }

    private mutating func number() throws(ExpressionSyntaxError) -> Double {
        let start = offset
        let text = take { isDigit($0) || isLetter($0) || $0 == "." || $0 == "-" || $0 == "+" }
        guard let number = Double(coreText: text) else {
            throw ExpressionSyntaxError(
                "'\(text)' is not a number", hint: "quote it if it is text: '\(text)'", at: start)
        }
        return number
    }

    private func starts(with symbol: String) -> Bool {
        scalars[offset...].starts(with: symbol.unicodeScalars)
    }
}

private func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

private func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_"
}

/// A token of an expression and its offset in Unicode scalars.
struct Token: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case name(String)
        case string(String)
        case number(Double)
        /// An operator or a bracket.
        case symbol(String)
        case end
    }

    var kind: Kind
    var offset: Int

    /// For messages.
    var description: String {
        switch kind {
        case .name(let name): "'\(name)'"
        case .string(let text): "text '\(text)'"
        case .number(let number): "number \(Value.number(number).text)"
        case .symbol(let symbol): "'\(symbol)'"
        case .end: "end of expression"
        }
    }
}

/// A syntax error in an expression; `offset` counts Unicode scalars from the start of the text.
package struct ExpressionSyntaxError: Error, Sendable, Equatable {
    package var message: String
    package var hint: String?
    package var offset: Int

    package init(_ message: String, hint: String? = nil, at offset: Int) {
        self.message = message
        self.hint = hint
        self.offset = offset
    }
}
