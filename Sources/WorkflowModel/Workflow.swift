/// A whole workflow: jobs that depend on one another, each a list of steps.
package struct Workflow: Sendable {
    package var name: String
    package var inputs: [InputDefinition]
    package var jobs: [Job]

    package init(name: String, inputs: [InputDefinition] = [], jobs: [Job]) {
        self.name = name
        self.inputs = inputs
        self.jobs = jobs
    }

    package func job(_ id: String) -> Job? {
        jobs.first { $0.id == id }
    }
}

/// A value that the caller of a workflow gives.
package struct InputDefinition: Sendable {
    package enum Kind: String, Sendable {
        case string, number, boolean, choice, duration, list
    }

    package var name: String
    package var kind: Kind
    package var isRequired: Bool
    package var defaultValue: Value
    package var description: String

    package init(
        _ name: String, _ kind: Kind = .string, isRequired: Bool = false, default defaultValue: Value = .null,
        description: String
    ) {
        self.name = name
        self.kind = kind
        self.isRequired = isRequired
        self.defaultValue = defaultValue
        self.description = description
    }
}
