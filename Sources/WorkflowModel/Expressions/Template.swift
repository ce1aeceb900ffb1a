/// Text that contains `${{ }}`. A text that is one expression keeps the expression's type; results are never evaluated
/// again.
package enum Template {
    package static func contains(in text: String) -> Bool { firstOffset(in: text) != nil }

    /// The offset of the first `${{` in Unicode scalars.
    static func firstOffset(in text: String) -> Int? {
        var open = "${{".unicodeScalars[...]
        for (offset, scalar) in text.unicodeScalars.enumerated() {
            if scalar == open.first {
                open = open.dropFirst()
                if open.isEmpty { return offset - 2 }
            } else {
                open = "${{".unicodeScalars[...]
                if scalar == "$" { open = open.dropFirst() }
            }
        }
        return nil
    }

    /// The expression in a text that is exactly one `${{ }}`.
    static func whole(_ text: String) -> String? {
        guard text.hasPrefix("${{"), text.hasSuffix("}}"), text.utf8.count >= 5 else { return nil }
        let inner = String(text.dropFirst(3).dropLast(2))
        return contains(in: inner) ? nil : inner
    }

    /// Offsets count Unicode scalars from the start of `text`.
    package static func parse(_ text: String) throws(ExpressionSyntaxError) -> ParsedExpression {
        guard contains(in: text) else { return ParsedExpression(expression: .literal(.string(text))) }
        let scalars = Array(text.unicodeScalars)
        var result = ParsedExpression(expression: .literal(.null))
        var parts: [Expression] = []
        var start = 0
        while let open = firstIndex(of: "${{", in: scalars, from: start) {
            if open > start { parts.append(.literal(.string(string(scalars[start..<open])))) }
            let close = try end(of: scalars, from: open)
            let parsed = try ExpressionParser.parse(string(scalars[(open + 3)..<close]), base: open + 3)
            parts.append(parsed.expression)
            result.references += parsed.references
            result.calls += parsed.calls
            start = close + 2
        }
        if start < scalars.count { parts.append(.literal(.string(string(scalars[start...])))) }
        result.expression = parts.count == 1 ? parts[0] : .concatenation(parts)
        return result
    }

    /// The index of the `}}` that ends an expression, ignoring those inside quotes.
    private static func end(of scalars: [Unicode.Scalar], from open: Int) throws(ExpressionSyntaxError) -> Int {
        var isQuoted = false
        for index in scalars.indices.dropFirst(open + 3) {
            if scalars[index] == "'" { isQuoted.toggle() }
            if !isQuoted, scalars[index] == "}", scalars[index...].starts(with: "}}".unicodeScalars) { return index }
        }
        throw ExpressionSyntaxError(
            "'${{' is not closed by '}}'", hint: isQuoted ? "close the quote in the expression" : nil, at: open)
    }

    private static func firstIndex(of text: String, in scalars: [Unicode.Scalar], from start: Int) -> Int? {
        scalars.indices.dropFirst(start).first {
            scalars[$0] == "$" && scalars[$0...].starts(with: text.unicodeScalars)
        }
    }

    private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }
}
