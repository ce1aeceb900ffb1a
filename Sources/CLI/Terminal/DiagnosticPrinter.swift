import Engine
import Redaction
import Reports

/// Prints errors, warnings and notes: what failed, and a hint on the next line.
struct DiagnosticPrinter: Sendable {
    private let style: Style
    private let redactor: Redactor
    private let clean: TextSanitizer
    private let write: @Sendable (String) -> Void

    init(style: Style, redactor: Redactor, clean: TextSanitizer, write: @escaping @Sendable (String) -> Void) {
        self.style = style
        self.redactor = redactor
        self.clean = clean
        self.write = write
    }

    func error(_ message: String, hint: String? = nil, details: [String] = []) {
        write(block("error:", .red, message, details: details, hint: hint))
    }

    func error(_ failure: StepFailure) {
        error(failure.message, hint: failure.hint, details: failure.details)
    }

    func warning(_ message: String, hint: String? = nil) {
        write(block("warning:", .yellow, message, details: [], hint: hint))
    }

    func note(_ message: String) {
        write(line(message) + "\n")
    }

    private func block(
        _ label: String, _ color: Style.Color, _ message: String, details: [String], hint: String?
    ) -> String {
        var lines = ["\(style.paint(label, color)) \(line(message))"]
        lines += details.map { "  \(line($0))" }
        if let hint { lines.append("\(style.paint("hint:", .bold)) \(line(hint))") }
        return lines.joined(separator: "\n") + "\n"
    }

    private func line(_ text: String) -> String { clean.line(redactor.redact(text)) }
}
