/// Finds all problems of one workflow file. Reads no other file and knows step types by their signatures only;
/// `WorkflowLoader` follows the files that steps use.
package struct WorkflowValidator: Sendable {
    private let signatures: [String: StepSignature]

    /// A signature whose `uses` starts with `./` describes a workflow file; steps that use other files are not checked.
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
        let constants = ConstantCheck(file: file)
        for site in file.expressions {
            references.check(site, &collector)
            constants.check(site, &collector)
        }
        return collector.diagnostics
    }
}

/// The result of validating a workflow file.
package struct ValidatedWorkflow: Sendable {
    /// Nil if there is an error.
    package let workflow: Workflow?
    /// By position.
    package let diagnostics: [Diagnostic]

    init(_ file: WorkflowFile?, _ diagnostics: [Diagnostic]) {
        // A problem in `defaults` is found once for every step.
        var seen: Set<String> = []
        self.diagnostics =
            diagnostics
            .filter { seen.insert("\($0.position) \($0.code.rawValue) \($0.message)").inserted }
            .sorted { ($0.position, $0.code.rawValue) < ($1.position, $1.code.rawValue) }
        workflow = diagnostics.contains { $0.severity == .error } ? nil : file?.workflow
    }

    /// One block for each problem, with an empty line between.
    package var text: String { diagnostics.map(\.text).joined(separator: "\n\n") }
}
