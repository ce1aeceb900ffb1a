import ControlPlane
import ControlPlaneTypes
import Engine
import Redaction
import Steps
import WorkflowModel

/// What a run of a workflow would do, with the changes of every deploy in it.
struct WorkflowPlan: Sendable {
    /// The changes of one step.
    indirect enum Change: Sendable {
        /// It changes nothing on the control plane.
        case none
        case deploy(DeployPreview)
        /// The deploy would be refused.
        case refused(StepFailure)
        /// What it would change depends on earlier steps.
        case later([String])
        case some
        /// The changes of the workflow file that it uses.
        case file(WorkflowPlan)
    }

    let preview: RunPreview
    /// By job and step, without steps that change nothing.
    private(set) var changes: [String: Change] = [:]

    /// `deploy` previews a deploy with these inputs.
    init(
        _ preview: RunPreview, deploy: ([String: Value]) async throws -> DeployPreview
    ) async throws {
        self.preview = preview
        for job in preview.jobs where job.runs != false {
            for step in job.steps where step.runs != false {
                changes[Self.key(job, step)] = try await Self.change(of: step, deploy)
            }
        }
    }

    func change(of step: RunPreview.Step, in job: RunPreview.Job) -> Change {
        changes[Self.key(job, step)] ?? .none
    }

    var changesSomething: Bool {
        changes.values.contains { change in
            switch change {
            case .none, .refused: false
            case .deploy(let preview): preview.changesSomething
            case .later, .some: true
            case .file(let plan): plan.changesSomething
            }
        }
    }

    /// The first deploy that would be refused.
    var refusal: StepFailure? {
        preview.jobs.lazy.flatMap { job in job.steps.map { (job, $0) } }.compactMap { job, step in
            switch change(of: step, in: job) {
            case .refused(let failure): failure
            case .file(let plan): plan.refusal
            case .none, .deploy, .later, .some: nil
            }
        }.first
    }

    private static func key(_ job: RunPreview.Job, _ step: RunPreview.Step) -> String { "\(job.id)\n\(step.id)" }

    private static func change(
        of step: RunPreview.Step, _ deploy: ([String: Value]) async throws -> DeployPreview
    ) async throws -> Change {
        if let inner = step.preview { return .file(try await WorkflowPlan(inner, deploy: deploy)) }
        guard step.uses == DeployWorkflow.name else {
            return BuiltinSteps.access(of: step.uses) == .changes ? .some : .none
        }
        var inputs: [String: Value] = [:]
        var open: [String] = []
        for input in step.inputs {
            switch input.value {
            case .known(let value): inputs[input.name] = value
            case .later(let causes): open += causes.filter { !open.contains($0) }
            case .secret: continue
            }
        }
        guard open.isEmpty else { return .later(open) }
        do {
            return .deploy(try await deploy(inputs))
        } catch let failure as StepFailure {
            return .refused(failure)
        }
    }
}

/// Reads what a plan needs. It changes nothing and writes no journal.
struct PlanReader: Sendable {
    let dependencies: Dependencies
    let terminal: TerminalOptions
    let plane: Connection
    let options: ConnectionOptions
    let transports: Dependencies.Transports

    /// Throws `StepFailure` when the deploy would be refused.
    func deploy(_ inputs: [String: Value]) async throws -> DeployPreview {
        try await DeployPreview.read(
            inputs: inputs, registry: BuiltinSteps.registry(services), clock: dependencies.clock,
            redactor: Redactor(
                secrets: [plane.credentials.apiKey.reveal()] + URLCredentials.ofProxies(in: dependencies.environment)))
    }

    func plan(
        _ loaded: LoadedWorkflow, _ inputs: [String: Value], _ flags: RunFlags
    ) async throws -> WorkflowPlan {
        let facts = await RunContextLoader(
            environment: dependencies.environment, ci: dependencies.ciContext(terminal.ci)
        ).runFacts()
        let preview = try RunPreview(loaded.workflow, inputs: inputs, context: facts, files: loaded.files)
        return try await WorkflowPlan(preview) { inputs in
            try await deploy(
                presets.merging(flags.presets) { $1 }.merging(inputs.filter { !$1.text.isEmpty }) { $1 })
        }
    }

    private var presets: [String: Value] {
        DeployPresets(connection: plane, environment: dependencies.environment).values
    }

    private var services: StepServices {
        let state = StatePaths(flag: options.state.stateDir, environment: dependencies.environment)
        return StepServices(
            client: plane.client(transports, dependencies), agentTransport: transports.plain, agentKey: nil,
            uploads: UploadIndex(path: state.uploads), environment: dependencies.ciContext(terminal.ci),
            dashboard: nil, scratchFolder: state.path, generatedFiles: state.generatedFiles(and: StandardOutput.files),
            connect: StepConnections(of: plane, transports, dependencies).plane)
    }
}

/// The inputs of `deploy` steps that the command line sets.
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
