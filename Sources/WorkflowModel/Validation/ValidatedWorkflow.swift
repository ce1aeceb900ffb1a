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
