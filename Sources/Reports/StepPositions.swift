package import WorkflowModel

/// The positions of the steps of a workflow, in its own file and in those that its steps use.
package struct StepPositions: Sendable {
    private let workflow: Workflow
    private let files: [String: Workflow]
    private let name: @Sendable (String) -> String?

    /// - Parameters:
    ///   - files: those that steps use, by the path they use.
    ///   - name: the name of a file in reports, from its name in the workflow; nil for a file that reports cannot name.
    package init(
        _ workflow: Workflow, files: [String: Workflow] = [:], naming name: @escaping @Sendable (String) -> String?
    ) {
        self.workflow = workflow
        self.files = files
        self.name = name
    }

    /// The positions of a run's steps.
    package func positions(of summary: RunSummary) -> [StepAddress: SourcePosition] {
        summary.steps.reduce(into: [:]) { positions, step in positions[step.address] = position(of: step.address) }
    }

    /// A step inside `job › step › inner job` has a position in the file that the step uses. Built-in workflows have no
    /// file; there, the position is that of the step that uses the workflow.
    private func position(of address: StepAddress) -> SourcePosition? {
        var parts = "\(address.job) › \(address.step)".split(separator: " › ").map(String.init)[...]
        var workflow: Workflow? = workflow
        var position: SourcePosition?
        while let job = parts.popFirst(), let id = parts.popFirst() {
            guard let step = workflow?.step(id, of: job) else { break }
            position = step.position.flatMap(named) ?? position
            workflow = files[step.uses]
        }
        return position
    }

    private func named(_ position: SourcePosition) -> SourcePosition? {
        name(position.file).map { SourcePosition(file: $0, line: position.line, column: position.column) }
    }
}

extension Workflow {
    /// Finds the rows of a matrix, `job (row)`, and later attempts of a step, `step #2`, by their names in the file.
    fileprivate func step(_ id: String, of name: String) -> StepDefinition? {
        let job = job(name) ?? job(String(name.prefix { $0 != " " }))
        return job?.steps.first { $0.id == id.prefix { $0 != " " } }
    }
}
