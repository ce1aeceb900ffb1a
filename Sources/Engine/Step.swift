package import WorkflowModel

/// One kind of work. A step is made from its inputs, runs once per attempt, and says all it learns through the context.
package protocol Step: Sendable {
    /// Returns when the work is done.
    ///
    /// Throws `StepFailure` when it is not, and `CancellationError` when told to stop.
    func run(in context: StepContext) async throws
}

/// A step type: its signature and how to make one from checked inputs.
package struct StepType: Sendable {
    package var signature: StepSignature
    package var make: @Sendable (StepInputs) throws -> any Step

    package init(_ signature: StepSignature, make: @escaping @Sendable (StepInputs) throws -> any Step) {
        self.signature = signature
        self.make = make
    }
}

/// The step types that workflows may use.
package struct StepRegistry: Sendable {
    package let types: [StepType]

    package init(_ types: [StepType]) { self.types = types }

    package subscript(uses: String) -> StepType? {
        types.first { $0.signature.uses == uses }
    }
}
