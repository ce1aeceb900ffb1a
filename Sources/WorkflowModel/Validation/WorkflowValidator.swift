/// Finds every problem of a workflow file at once. Pure: it reads no other file and knows the step types by their
/// signatures only. `WorkflowLoader` follows the files that steps use.
package struct WorkflowValidator: Sendable {
    private let signatures: [String: StepSignature]

    /// A signature whose `uses` begins with `./` describes a workflow file; without one, such steps are not looked into.
    package init(signatures: [StepSignature]) {
        self.signatures = Dictionary(signatures.map { ($0.uses, $0) }, uniquingKeysWith: { first, _ in first })
    }

    package func validate(_ bytes: [UInt8], file: String) -> ValidatedWorkflow {
        let (file, diagnostics) = WorkflowParser.parse(bytes, file: file)
        guard let file else { return ValidatedWorkflow(nil, diagnostics) }
        return ValidatedWorkflow(file, diagnostics + check(file))
    }

    func check(_ file: WorkflowFile) -> [Diagnostic] {
        var collector = DiagnosticCollector(file.source)
        NeedsCheck(file: file).check(&collector)
        StepCheck(file: file, signatures: signatures).check(&collector)
        MatrixCheck(file: file).check(&collector)
        let references = ReferenceCheck(file: file, signatures: signatures)
        for site in file.expressions { references.check(site, &collector) }
        return collector.diagnostics
    }
}

/// What came of reading a workflow file.
package struct ValidatedWorkflow: Sendable {
    /// Nil as soon as there is one error.
    package let workflow: Workflow?
    /// In the order of the file.
    package let diagnostics: [Diagnostic]

    init(_ file: WorkflowFile?, _ diagnostics: [Diagnostic]) {
        // What stands in `defaults` is met once for every step.
        var seen: Set<String> = []
        self.diagnostics =
            diagnostics
            .filter { seen.insert("\($0.position) \($0.code.rawValue) \($0.message)").inserted }
            .sorted { ($0.position, $0.code.rawValue) < ($1.position, $1.code.rawValue) }
        workflow = diagnostics.contains { $0.severity == .error } ? nil : file?.workflow
    }

    /// For people: one block for each problem, with an empty line between.
    package var text: String { diagnostics.map(\.text).joined(separator: "\n\n") }
}
