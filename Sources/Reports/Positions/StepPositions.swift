package import WorkflowModel

/// Where the steps of a workflow stand, in its own file and in those that its steps use.
package struct StepPositions: Sendable {
    private let workflow: Workflow
    private let files: [String: Workflow]
    private let name: @Sendable (String) -> String?

    /// - Parameters:
    ///   - files: those that steps use, by the path they use.
    ///   - name: names a file as reports shall, from how its workflow does; nil for one they cannot name.
    package init(
        _ workflow: Workflow, files: [String: Workflow] = [:], naming name: @escaping @Sendable (String) -> String?
    ) {
        self.workflow = workflow
        self.files = files
        self.name = name
    }

    /// The places of a run's steps.
    package func positions(of summary: RunSummary) -> [StepAddress: SourcePosition] {
        summary.steps.reduce(into: [:]) { positions, step in positions[step.address] = position(of: step.address) }
    }

    /// A step inside `job › step › job of its own` stands in the file that the step uses; where that has no file, as the
    /// workflows of the program have none, it stands at the step that uses it.
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
    /// The rows of a matrix, `job (row)`, and the later tries of a step, `step #2`, are those of the file.
    fileprivate func step(_ id: String, of name: String) -> StepDefinition? {
        let job = job(name) ?? job(String(name.prefix { $0 != " " }))
        return job?.steps.first { $0.id == id.prefix { $0 != " " } }
    }
}
