import ControlPlane
import ControlPlaneTypes
import Engine
import WorkflowModel

/// `delete-deployment`: deletes a deployment, if it exists.
struct DeleteDeploymentStep: Step {
    static let signature = StepSignature(
        uses: "delete-deployment",
        summary: "Deletes a deployment. Its name stays taken until the control plane has cleaned up.",
        inputs: [
            .init("deployment", isRequired: true, "name or id of the deployment"),
            .init("missing-ok", default: false, "succeed if the deployment does not exist"),
            .init("delete-tracing-project", default: false, "also delete its tracing project"),
        ],
        outputs: [
            .init("deployment-id", "id of the deployment; null if there was none", durable: true),
            .init("deleted", "whether this step deleted it"),
        ], access: .changes)

    private static let effect = "delete-deployment"
    private static let tries = 3

    private let inputs: StepInputs
    private let services: StepServices

    init(_ inputs: StepInputs, _ services: StepServices) {
        self.inputs = inputs
        self.services = services
    }

    func run(in context: StepContext) async throws {
        let client = services.client.with(deadline: context.deadline)
        let wanted = inputs.string("deployment") ?? ""
        // Of this try, or of the one that was cut short.
        var isOurs = context.previousAttempts.effects.contains { $0.effect == Self.effect }
        var lost: ControlPlaneError?
        for _ in 1...Self.tries {
            guard let found = try await find(wanted, client, after: lost) else {
                return try conclude(wanted, isOurs: isOurs, context)
            }
            context.output("deployment-id", .string(found.id.rawValue))
            isOurs = true
            do {
                try await delete(found, client, context)
                return try conclude(wanted, isOurs: true, context)
            } catch let error as ControlPlaneError where error.kind == .ambiguous {
                context.warn("lost the response to the delete request (\(error.message)): checking whether it is gone")
                lost = error
            }
        }
        throw StepFailure(
            .timedOut, code: "OutcomeUnknown", "cannot determine whether deployment \(wanted) was deleted",
            hint: "run it again: deleting twice is safe")
    }

    /// Nil when there is none, or it is on its way out.
    private func find(
        _ wanted: String, _ client: ControlPlaneClient, after lost: ControlPlaneError?
    ) async throws -> Deployment? {
        try await explainingFailures(isInProgress: lost != nil) {
            guard DeploymentID(wanted).isUUID else { return try await client.deployment(named: wanted) }
            do {
                let deployment = try await client.deployment(DeploymentID(wanted))
                return deployment.status.isBeingDeleted ? nil : deployment
            } catch let error as ControlPlaneError where error.kind == .notFound {
                return nil
            }
        }
    }

    /// Throws `ControlPlaneError` only when it is not known what became of it.
    private func delete(_ deployment: Deployment, _ client: ControlPlaneClient, _ context: StepContext) async throws {
        do {
            try await context.perform(Self.effect, facts: ["deployment-id": deployment.id.rawValue]) {
                try await client.deleteDeployment(
                    deployment.id, deleteTracingProject: inputs.flag("delete-tracing-project"))
            }
        } catch let error as ControlPlaneError where error.kind == .notFound {
            // Somebody else was faster; gone is gone.
        } catch let error as ControlPlaneError where error.kind != .ambiguous {
            throw StepFailure(error)
        }
    }

    private func conclude(_ wanted: String, isOurs: Bool, _ context: StepContext) throws {
        context.output("deleted", .bool(isOurs))
        if isOurs { return context.note("deleted deployment \(wanted)") }
        guard inputs.flag("missing-ok") else {
            throw StepFailure(
                .failed, code: "NotFound", "deployment not found: \(wanted)",
                hint: "correct the name, or set missing-ok: true")
        }
        context.note("deployment \(wanted) does not exist: nothing to delete")
    }
}
