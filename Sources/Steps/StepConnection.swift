package import ControlPlane
package import Engine
package import Redaction
import WorkflowModel

/// The control plane that a step names instead of that of the run, as its inputs have it; nil counts as that of the run.
package struct StepConnection: Codable, Sendable, Hashable {
    /// The address, as `--control-plane` takes it.
    package var controlPlane: String?
    /// The workspace of an organization's key.
    package var tenantID: String?
    /// The name of the environment variable with the key; never the key.
    package var keyVariable: String?

    private enum CodingKeys: String, CodingKey {
        case controlPlane = "control-plane"
        case tenantID = "tenant-id"
        case keyVariable = "api-key-variable"
    }

    static let inputs: [StepSignature.Input] = [
        .init("control-plane", "URL of another control plane than that of the run"),
        .init("tenant-id", "workspace on that control plane"),
        .init("api-key-variable", "environment variable with the key for it; required for another host"),
    ]

    /// What the step itself names, else what the plan, the target or the revision that it got belongs to.
    ///
    /// Nil for the control plane of the run. Throws `StepFailure` for a malformed structure.
    init?(_ inputs: StepInputs) throws {
        let options = StepInputs(inputs.members("options"))
        let text = { (name: String) in inputs.string(name) ?? options.string(name) }
        (controlPlane, tenantID, keyVariable) = (text("control-plane"), text("tenant-id"), text("api-key-variable"))
        if self != StepConnection() { return }
        for name in ["plan", "target", "revision"] {
            if let carrier = try inputs.structure(name, Carrier.self)?.connection {
                self = carrier
                return
            }
        }
        return nil
    }

    package init() {}

    /// What `plan`, `target` and `revision` have in common.
    private struct Carrier: Decodable {
        var connection: StepConnection?
    }
}

/// A control plane that a step named.
package struct ConnectedPlane: Sendable {
    package var client: ControlPlaneClient
    package var url: String
    package var key: SecretValue
    /// Makes the commands in hints reach it.
    package var commands: PrintedCommands
    /// Shared by all watchers of this control plane.
    let sweep: DeploymentSweep

    package init(client: ControlPlaneClient, url: String, key: SecretValue, commands: PrintedCommands) {
        self.client = client
        self.url = url
        self.key = key
        self.commands = commands
        sweep = DeploymentSweep(client: client.withoutRepeatedChanges())
    }
}

extension StepServices {
    /// The step for these inputs, at the control plane that they name.
    func make(
        _ inputs: StepInputs, _ signature: StepSignature, by make: (StepInputs, StepServices) throws -> any Step
    ) throws -> any Step {
        func made(_ services: StepServices) throws -> any Step {
            try AdmittedStep(inputs, services, signature, by: make) ?? make(inputs, services)
        }
        guard let connection = try StepConnection(inputs) else { return try made(self) }
        let plane: ConnectedPlane?
        do {
            plane = try connect(connection)
        } catch let error as ControlPlaneError {
            throw lacking(StepFailure(error))
        }
        guard let plane else { return try made(self) }
        var services = self
        services.client = plane.client.withoutRepeatedChanges()
        services.sweep = plane.sweep
        if hadContact { services.client.resumeContact() }
        services.dashboard = Dashboard(controlPlane: plane.url)
        services.connection = connection
        return ConnectedStep(step: try made(services), plane: plane, services: services)
    }
}

/// A step at a control plane of its own.
private struct ConnectedStep: Step {
    let step: any Step
    let plane: ConnectedPlane
    let services: StepServices

    var startsInCriticalSection: Bool { step.startsInCriticalSection }

    func run(in context: StepContext) async throws {
        context.registerSecret(plane.key.reveal(), named: plane.client.keySource)
        do {
            try await step.run(in: context)
        } catch let original as StepFailure {
            var failure = original
            // The reports would name the control plane of the run, also where they add what to do.
            if failure.hint == nil, [.timedOut, .rollbackFailed].contains(failure.verdict) {
                failure.hint = "check what is live: slipway status"
            }
            failure = plane.commands.runnable(failure)
            // As a run stays as it is when its own control plane is unreachable or refuses the key.
            throw [.notAuthorised, .unreachable].contains(failure.verdict) ? services.lacking(failure) : failure
        }
    }
}
