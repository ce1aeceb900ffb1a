/// One problem of a workflow file: what, where, and what to do about it.
package struct Diagnostic: Sendable, Equatable {
    package enum Severity: String, Sendable, Codable {
        case error, warning
    }

    package var severity: Severity
    package var code: DiagnosticCode
    package var message: String
    package var position: SourcePosition
    package var hint: String?
    /// The line of the file that the problem is in; nil where there is none.
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
