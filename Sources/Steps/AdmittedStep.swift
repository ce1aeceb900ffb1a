import ControlPlane
import Engine
import WorkflowModel

/// A step that looks at the control plane once, before it begins, waits for its turn where the requests of a run are
/// limited: what it then sends is not held up, so that what it has seen is not old when it changes something.
struct AdmittedStep: Step {
    private let step: any Step
    private let budget: RequestBudget
    private let allowance: RequestAllowance
    private let requests: Int
    /// What changes something finishes what others have not begun.
    private let isFirst: Bool

    /// Nil for a step that is not to wait: each request of a watcher does.
    init?(
        _ inputs: StepInputs, _ services: StepServices, _ signature: StepSignature,
        by make: (StepInputs, StepServices) throws -> any Step
    ) rethrows {
        guard let cost = Self.cost(of: signature) else { return nil }
        allowance = RequestAllowance()
        var services = services
        services.client = services.client.with(allowance: allowance)
        budget = services.client.budget
        step = try make(inputs, services)
        requests = cost
        isFirst = signature.access == .changes
    }

    private static func cost(of signature: StepSignature) -> Int? {
        if [WaitStep.signature.uses, BakeStep.signature.uses].contains(signature.uses) { return nil }
        return signature.access == .changes ? 3 : 2
    }

    var startsInCriticalSection: Bool { step.startsInCriticalSection }

    func run(in context: StepContext) async throws {
        // A rollback is never held up.
        if !step.startsInCriticalSection { try await budget.admit(requests, isFirst: isFirst, to: allowance) }
        defer { budget.close(allowance) }
        try await step.run(in: context)
    }
}
