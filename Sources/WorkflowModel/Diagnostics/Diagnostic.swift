import Redaction

/// One problem in a workflow file: what, where, and what to do.
package struct Diagnostic: Sendable, Equatable {
    package enum Severity: String, Sendable, Codable {
        case error, warning
    }

    package var severity: Severity
    package var code: DiagnosticCode
    package var message: String
    package var position: SourcePosition
    package var hint: String?
    /// The text of the line with the problem; nil if the file has no such line.
    package var line: String?

    package init(
        _ code: DiagnosticCode, _ message: String, at position: SourcePosition, hint: String? = nil,
        severity: Severity = .error, line: String? = nil
    ) {
        self.severity = severity
        self.code = code
        self.message = message
        self.position = position
        self.hint = hint
        self.line = line
    }
}

extension Diagnostic: Encodable {
    private enum CodingKeys: String, CodingKey {
        case severity, code, message, file, line, column, hint
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(severity, forKey: .severity)
        try container.encode(code, forKey: .code)
        try container.encode(message, forKey: .message)
        try container.encode(position.file, forKey: .file)
        try container.encode(position.line, forKey: .line)
        try container.encode(position.column, forKey: .column)
        try container.encodeIfPresent(hint, forKey: .hint)
    }
}

/// A position in a file; lines and columns count from 1, columns in Unicode scalars.
package struct SourcePosition: Hashable, Sendable, Comparable {
    package var file: String
    package var line: Int
    package var column: Int

    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    package static func < (left: SourcePosition, right: SourcePosition) -> Bool {
        (left.file, left.line, left.column) < (right.file, right.line, right.column)
    }
}

/// A diagnostic as text: the position, the line with a caret below, the hint.
extension Diagnostic {
    /// Longer lines are shortened.
    private static let maximumWidth = 120

    /// Several lines, without a final line break or colors.
    package var text: String {
        let file = TextSanitizer.keepingColumns(position.file)
        let message = TextSanitizer.keepingColumns(message)
        var lines = [
            "\(file):\(position.line):\(position.column): \(severity.rawValue): \(message) [\(code.rawValue)]"
        ]
        lines += snippet
        if let hint { lines.append("hint: \(TextSanitizer.keepingColumns(hint))") }
        return lines.joined(separator: "\n")
    }

    private var snippet: [String] {
        guard let line, !line.isEmpty else { return [] }
        let scalars = Array(line.unicodeScalars)
        let caret = min(max(position.column - 1, 0), scalars.count)
        let start = caret < Self.maximumWidth ? 0 : caret - Self.maximumWidth / 2
        let shown = scalars[start..<min(scalars.count, start + Self.maximumWidth)]
        let number = String(position.line)
        let gutter = String(repeating: " ", count: max(0, 5 - number.utf8.count)) + number
        let blank = String(repeating: " ", count: gutter.utf8.count)
        // Tabs stay tabs, so that the caret is below its character.
        let indent = scalars[start..<caret].map { $0 == "\t" ? "\t" : " " }.joined()
        let text = TextSanitizer.keepingColumns(String(String.UnicodeScalarView(shown)))
        return ["\(gutter) | \(text)", "\(blank) | \(indent)^"]
    }
}

/// Collects the problems of one file.
package struct DiagnosticCollector {
    package let source: SourceText
    package private(set) var diagnostics: [Diagnostic] = []

    package init(_ source: SourceText) { self.source = source }

    package mutating func report(
        _ code: DiagnosticCode, _ message: String, at position: SourcePosition, hint: String? = nil,
        severity: Diagnostic.Severity = .error
    ) {
        diagnostics.append(
            Diagnostic(
                code, message, at: position, hint: hint, severity: severity, line: source.line(position.line)))
    }

    package mutating func report(_ code: DiagnosticCode, _ message: String, at mark: YAMLNode.Mark, hint: String? = nil)
    {
        report(code, message, at: source.position(mark), hint: hint)
    }

    package mutating func report(_ problem: YAMLProblem) {
        let code: DiagnosticCode =
            switch problem.kind {
            case .unreadable: .unreadable
            case .refused: .refusedYAML
            case .duplicateKey: .duplicateKey
            }
        report(code, problem.message, at: problem.mark, hint: problem.hint)
    }
}
