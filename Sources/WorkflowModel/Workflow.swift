/// A whole workflow: jobs that depend on one another, each a list of steps.
package struct Workflow: Sendable {
    package var name: String
    package var inputs: [InputDefinition]
    package var env: [String: Expression]
    package var jobs: [Job]
    /// What a workflow that uses this one sees of it.
    package var outputs: [String: Expression]

    package init(
        name: String, inputs: [InputDefinition] = [], env: [String: Expression] = [:], jobs: [Job],
        outputs: [String: Expression] = [:]
    ) {
        self.name = name
        self.inputs = inputs
        self.env = env
        self.jobs = jobs
        self.outputs = outputs
    }

    package func job(_ id: String) -> Job? {
        jobs.first { $0.id == id }
    }
}
