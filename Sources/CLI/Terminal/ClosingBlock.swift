import Engine
import Reports

/// Renders the end of a run: the verdict in its colour and, on a terminal, every line wrapped under itself.
struct ClosingBlock: Sendable {
    /// Where text is wrapped under its label; narrower terminals wrap under the label itself.
    private static let indent = 2 + ConsoleSummary.column("").count
    private static let narrowIndent = 4
    /// Less room beside the labels holds no sentence.
    private static let shortestText = 20

    let style: Style
    /// Nil when the stream is not a terminal.
    let columns: Int?

    /// Ends with a newline.
    func rendered(_ summary: ConsoleSummary, verdict: Verdict) -> String {
        let headline = wrapped(summary.headline, first: "", rest: "").map { style.paint($0, color(verdict)) }
        return (headline + summary.lines.flatMap(lines)).joined(separator: "\n") + "\n"
    }

    private func color(_ verdict: Verdict) -> Style.Color {
        switch verdict.outcome {
        case .success, .skip: .green
        case .cancellation, .timeout: .yellow
        case .failure, .error: .red
        }
    }

    private func lines(_ line: ConsoleSummary.Line) -> [String] {
        switch line {
        // The blanks of a log mean something: it is left to the terminal.
        case .log(let text): return ["    | \(text)"]
        case .fact(let label, let text):
            let first = "  " + ConsoleSummary.column(label)
            guard let columns, columns < Self.indent + Self.shortestText else {
                return wrapped(text, first: first, rest: String(repeating: " ", count: Self.indent))
            }
            let rest = String(repeating: " ", count: Self.narrowIndent)
            return label.isEmpty
                ? wrapped(text, first: rest, rest: rest) : wrapped("\(label) \(text)", first: "  ", rest: rest)
        }
    }

    /// Breaks between words only; a word that is longer than the terminal stays whole, so that it can be copied.
    private func wrapped(_ text: String, first: String, rest: String) -> [String] {
        // Some terminals wrap on a character in the last column.
        guard let columns, (first + text).columns >= columns else { return [first + text] }
        var lines: [String] = []
        var current = first
        var isEmpty = true
        for word in text.split(separator: " ") {
            if !isEmpty, "\(current) \(word)".columns >= columns {
                lines.append(current)
                current = rest
                isEmpty = true
            }
            current += (isEmpty ? "" : " ") + word
            isEmpty = false
        }
        return lines + [current]
    }
}
