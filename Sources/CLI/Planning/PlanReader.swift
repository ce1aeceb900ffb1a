import ControlPlane
import ControlPlaneTypes
import Engine
import Steps
import WorkflowModel

/// Reads what a plan needs to know; changes nothing, and keeps no journal.
struct PlanReader: Sendable {
    let dependencies: Dependencies
    let terminal: TerminalOptions
    let plane: Connection
    let options: ConnectionOptions
    let transports: Dependencies.Transports

    /// Throws `StepFailure` with what a deploy would be refused for.
    func deploy(_ inputs: [String: Value]) async throws -> DeployPreview {
        try await DeployPreview.read(
            inputs: inputs, registry: BuiltinSteps.registry(services), clock: dependencies.clock,
            mask: SecretMask(secrets: [plane.credentials.apiKey.reveal()]))
    }

    func plan(
        _ loaded: LoadedWorkflow, _ inputs: [String: Value], _ flags: RunFlags
    ) async throws -> WorkflowPlan {
        let facts = await RunContextLoader(
            environment: dependencies.environment, ci: dependencies.ciContext(terminal.ci)
        ).runFacts()
        let preview = try RunPreview(loaded.workflow, inputs: inputs, facts: facts, files: loaded.files)
        return try await WorkflowPlan(preview) { inputs in
            try await deploy(
                presets.merging(flags.presets) { $1 }.merging(inputs.filter { !$1.text.isEmpty }) { $1 })
        }
    }

    private var presets: [String: Value] {
        DeployPresets(connection: plane, environment: dependencies.environment).values
    }

    private var services: StepServices {
        let state = StateFolder(flag: options.stateDir, environment: dependencies.environment)
        return StepServices(
            client: plane.client(transports, dependencies), agentTransport: transports.plain, agentKey: nil,
            uploads: UploadIndex(path: state.uploads), environment: dependencies.ciContext(terminal.ci),
            dashboard: nil, scratchFolder: state.path, generatedFiles: state.generatedFiles(and: StandardOutput.files))
    }
}

/// What a step `deploy` need not say, because the command line did.
struct DeployPresets {
    let connection: Connection
    let environment: [String: String]

    var values: [String: Value] {
        [
            "control-plane": .string(connection.address.baseURL), "repo-url": Value(connection.repository),
            "integration-id": Value(environment.nonEmpty("INTEGRATION_ID")),
        ]
    }
}
