import Engine

/// The last words of a run on a stream: the verdict in its colour and, on a terminal, long facts wrapped under
/// themselves.
struct ClosingBlock: Sendable {
    /// Facts begin there; narrower than twice that, they are left to the terminal.
    private static let indent = 15

    let style: Style
    /// Nil where the stream is no terminal.
    let columns: Int?

    /// `text` is the headline, and then facts: a label in a column of its own, or lines of a log.
    func rendered(_ text: String, verdict: Verdict) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last?.isEmpty == true { lines.removeLast() }
        guard let headline = lines.first else { return "" }
        let painted = wrapped(headline, indent: 0).map { style.paint($0, color(verdict)) }
        let facts = lines.dropFirst().flatMap { wrapped($0, indent: Self.indent) }
        return (painted + facts).joined(separator: "\n") + "\n"
    }

    private func color(_ verdict: Verdict) -> Style.Color {
        switch verdict.outcome {
        case .success, .skip: .green
        case .cancellation, .timeout: .yellow
        case .failure, .error: .red
        }
    }

    /// Lines of a log stay as they are: their blanks mean something.
    private func wrapped(_ line: String, indent: Int) -> [String] {
        guard let columns, columns > 2 * Self.indent, line.columns > columns, !line.hasPrefix("    |") else {
            return [line]
        }
        // The label's column stays as it is.
        var current = String(line.prefix(indent))
        var lines: [String] = []
        var isBegun = false
        for word in line.dropFirst(indent).split(separator: " ") {
            if isBegun, "\(current) \(word)".columns > columns {
                lines.append(current)
                current = String(repeating: " ", count: indent) + word
            } else {
                current += (isBegun ? " " : "") + word
            }
            isBegun = true
        }
        return lines + [current]
    }
}
