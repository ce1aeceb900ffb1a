package import WorkflowModel

/// One kind of work. A step is made from its inputs, runs once per attempt, and says all it learns through the context.
package protocol Step: Sendable {
    /// Returns when the work is done.
    ///
    /// Throws `StepFailure` when it is not, and `CancellationError` when told to stop.
    func run(in context: StepContext) async throws

    /// Whether the step begins with `inCriticalSection` and makes that although the order to stop comes while it begins.
    var startsInCriticalSection: Bool { get }
}

extension Step {
    package var startsInCriticalSection: Bool { false }
}

/// A step type: its signature and what it does.
package struct StepType: Sendable {
    enum Work: Sendable {
        /// Makes a step from checked inputs.
        case step(@Sendable (StepInputs) throws -> any Step)
        case workflow(ReusableWorkflow)
    }

    package var signature: StepSignature
    var work: Work

    package init(_ signature: StepSignature, make: @escaping @Sendable (StepInputs) throws -> any Step) {
        self.signature = signature
        work = .step(make)
    }

    /// A step for one try; nil for a type that is a workflow.
    package func makeStep(_ inputs: StepInputs) throws -> (any Step)? {
        if case .step(let make) = work { try make(inputs) } else { nil }
    }

    package init(_ signature: StepSignature, workflow: ReusableWorkflow) {
        self.signature = signature
        work = .workflow(workflow)
    }
}

/// A workflow that steps use like a step type.
package struct ReusableWorkflow: Sendable {
    package var workflow: Workflow
    /// For inputs that a step leaves open, before their defaults.
    package var presets: [String: Value]

    package init(_ workflow: Workflow, presets: [String: Value] = [:]) {
        self.workflow = workflow
        self.presets = presets
    }
}

/// The step types that workflows may use.
package struct StepRegistry: Sendable {
    private let types: [String: StepType]
    private let others: @Sendable (String) -> StepType?

    /// `others` is asked for a type that is not in the list.
    package init(_ types: [StepType], others: @escaping @Sendable (String) -> StepType? = { _ in nil }) {
        self.types = Dictionary(types.map { ($0.signature.uses, $0) }, uniquingKeysWith: { first, _ in first })
        self.others = others
    }

    package subscript(uses: String) -> StepType? { types[uses] ?? others(uses) }
}
