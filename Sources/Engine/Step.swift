package import WorkflowModel

/// The work of a step. A step is made from its inputs, runs once per attempt, and records results through the context.
package protocol Step: Sendable {
    /// Returns when the work is done.
    ///
    /// Throws `StepFailure` if it fails and `CancellationError` on cancellation.
    func run(in context: StepContext) async throws

    /// Whether the step starts with `inCriticalSection`, which it then enters even if cancelled while starting.
    var startsInCriticalSection: Bool { get }
}

extension Step {
    package var startsInCriticalSection: Bool { false }
}

/// A step type: its signature and its work.
package struct StepType: Sendable {
    enum Work: Sendable {
        /// Makes a step from checked inputs.
        case step(@Sendable (StepInputs) throws -> any Step)
        case workflow(ReusableWorkflow)
        /// Makes the workflow from checked inputs.
        case compiled(@Sendable (StepInputs, StepContext) async throws -> ReusableWorkflow)
    }

    package var signature: StepSignature
    var work: Work

    package init(_ signature: StepSignature, make: @escaping @Sendable (StepInputs) throws -> any Step) {
        self.signature = signature
        work = .step(make)
    }

    /// A type whose workflow depends on its inputs. It must be the same in later attempts of the step.
    package init(
        _ signature: StepSignature,
        compile: @escaping @Sendable (StepInputs, StepContext) async throws -> ReusableWorkflow
    ) {
        self.signature = signature
        work = .compiled(compile)
    }

    /// A step for one attempt; nil for a type that is a workflow.
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
    /// Values for inputs that a step does not set; they replace the inputs' defaults.
    package var presets: [String: Value]

    package init(_ workflow: Workflow, presets: [String: Value] = [:]) {
        self.workflow = workflow
        self.presets = presets
    }
}

/// The step types that workflows may use.
package struct StepRegistry: Sendable {
    private let types: [String: StepType]
    private let fallback: @Sendable (String) -> StepType?

    /// `fallback` returns the types that are not in the list.
    package init(_ types: [StepType], fallback: @escaping @Sendable (String) -> StepType? = { _ in nil }) {
        self.types = Dictionary(types.map { ($0.signature.uses, $0) }, uniquingKeysWith: { first, _ in first })
        self.fallback = fallback
    }

    package subscript(uses: String) -> StepType? { types[uses] ?? fallback(uses) }
}
