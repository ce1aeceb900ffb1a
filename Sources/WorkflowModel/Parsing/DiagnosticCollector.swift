/// Collects what is wrong with one file.
struct DiagnosticCollector {
    let source: SourceText
    private(set) var diagnostics: [Diagnostic] = []

    init(_ source: SourceText) { self.source = source }

    mutating func report(
        _ code: DiagnosticCode, _ message: String, at position: SourcePosition, hint: String? = nil
    ) {
        diagnostics.append(Diagnostic(code, message, at: position, hint: hint, line: source.line(position.line)))
    }

    mutating func report(_ code: DiagnosticCode, _ message: String, at mark: YAMLNode.Mark, hint: String? = nil) {
        report(code, message, at: source.position(mark), hint: hint)
    }

    mutating func report(_ problem: YAMLProblem) {
        let code: DiagnosticCode =
            switch problem.kind {
            case .unreadable: .unreadable
            case .refused: .refusedYAML
            case .duplicateKey: .duplicateKey
            }
        report(code, problem.message, at: problem.mark, hint: problem.hint)
    }
}
