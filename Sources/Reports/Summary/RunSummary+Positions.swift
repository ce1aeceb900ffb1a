package import WorkflowModel

extension RunSummary {
    /// Where the steps of this run stand in the workflow's file, the rows of a matrix all at their one job's.
    ///
    /// - Parameter file: names the file as reports shall, from how the workflow names it; nil leaves a step out.
    package func positions(
        in workflow: Workflow, naming file: (String) -> String?
    ) -> [StepAddress: SourcePosition] {
        var positions: [StepAddress: SourcePosition] = [:]
        for address in steps.map(\.address) {
            // What a workflow in use did stands at the step that uses it: `job › step › job of its own`.
            let parts = (address.job + " › " + address.step).split(separator: " › ", maxSplits: 2)
            let (id, step) = (parts.first.map(String.init) ?? "", parts.dropFirst().first ?? "")
            let group = id.prefix { $0 != " " }
            let job = workflow.job(id) ?? workflow.job(String(group))
            guard var position = job?.steps.first(where: { $0.id == step.prefix { $0 != " " } })?.position,
                let name = file(position.file)
            else { continue }
            position.file = name
            positions[address] = position
        }
        return positions
    }
}
