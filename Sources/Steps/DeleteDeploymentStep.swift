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
        ] + StepConnection.inputs,
        outputs: [
            .init("deployment-id", "id of the deployment; null if there was none", durable: true),
            .init("deleted", "whether this step deleted it"),
        ], access: .changes)

    private let inputs: StepInputs
    private let services: StepServices

    init(_ inputs: StepInputs, _ services: StepServices) {
        self.inputs = inputs
        self.services = services
    }

    func run(in context: StepContext) async throws {
        var deletion = DeploymentDeletion(
            client: services.client.with(deadline: context.deadline), wanted: inputs.string("deployment") ?? "",
            deletesTracingProject: inputs.flag("delete-tracing-project"))
        // Of this attempt, or of the one that was interrupted.
        let wasSent = context.previousAttempts.effects.contains { $0.effect == deletion.effect }
        try await explainingFailures(in: context, isInProgress: wasSent) {
            _ = try await ChangeSender(context: context).send(&deletion, wasSent: wasSent)
        }
        context.output("deployment-id", Value(deletion.deployment?.rawValue))
        try conclude(deletion, isOurs: wasSent || deletion.wasFound, context)
    }

    private func conclude(_ deletion: DeploymentDeletion, isOurs: Bool, _ context: StepContext) throws {
        context.output("deleted", .bool(isOurs))
        if isOurs { return context.note("deleted deployment \(deletion.wanted)") }
        guard inputs.flag("missing-ok") else {
            throw StepFailure(
                .failed, code: "NotFound", "deployment not found: \(deletion.wanted)",
                hint: "correct the name, or set missing-ok: true")
        }
        context.note("deployment \(deletion.wanted) does not exist: nothing to delete")
    }
}

/// Deletes one deployment: the one that was found first, never another one that takes its name meanwhile.
private struct DeploymentDeletion: GuardedChange {
    let client: ControlPlaneClient
    /// A name or an id.
    let wanted: String
    let deletesTracingProject: Bool
    private(set) var deployment: DeploymentID?

    init(client: ControlPlaneClient, wanted: String, deletesTracingProject: Bool) {
        self.client = client
        self.wanted = wanted
        self.deletesTracingProject = deletesTracingProject
    }

    var wasFound: Bool { deployment != nil }
    var name: String { "delete request" }
    var effect: String { "delete-deployment" }
    var facts: [String: String] { ["deployment-id": deployment?.rawValue ?? ""] }

    mutating func mayStill(isRepeat: Bool) async throws -> MayStill<Void> {
        guard let found = try await find(), deployment == nil || deployment == found else { return .notNeeded(()) }
        deployment = found
        return .send
    }

    func send() async throws {
        guard let deployment else { return }
        do {
            try await client.deleteDeployment(deployment, deleteTracingProject: deletesTracingProject)
        } catch let error as ControlPlaneError where error.kind == .notFound {
            // Somebody else was faster; gone is gone.
        }
    }

    func busy(_ why: String) -> StepFailure {
        StepFailure(
            .busy, code: "DeploymentBusy", "cannot delete deployment '\(wanted)': \(why)",
            hint: "run it again: deleting twice is safe")
    }

    /// Nil when there is none, or it is being deleted.
    private func find() async throws -> DeploymentID? {
        if let id = deployment ?? (DeploymentID(wanted).isUUID ? DeploymentID(wanted) : nil) {
            do {
                let found = try await client.deployment(id)
                return found.status.isBeingDeleted ? nil : id
            } catch let error as ControlPlaneError where error.kind == .notFound {
                return nil
            }
        }
        return try await client.deployment(named: wanted)?.id
    }
}
