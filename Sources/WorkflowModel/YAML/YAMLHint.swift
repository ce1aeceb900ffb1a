/// What to do about a text that is not YAML, as far as its line tells.
enum YAMLHint {
    static let quotedNegation = "a text that begins with '!' needs quotes: if: \"!failure()\""

    /// Nil when the line says nothing.
    static func hint(for problem: String, line: String) -> String? {
        if line.contains(": !") { return quotedNegation }
        switch problem {
        case "mapping values are not allowed in this context":
            return "a text that holds ': ' needs quotes; lines of one level begin in one column"
        case "found character that cannot start any token":
            return line.contains("\t")
                ? "indent with spaces, not with tabs" : "a text that begins with '@', '`' or '%' needs quotes"
        case "found a tab character that violates indentation",
            "found a tab character where an indentation space is expected":
            return "indent with spaces, not with tabs"
        case "found unknown escape character": return "in double quotes write '\\\\' for '\\', or use single quotes"
        case "found unexpected end of stream": return "a quote or a bracket before this is not closed"
        default: return nil
        }
    }
}
