import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials
import Redaction
import WorkflowModel

/// `smoke`: sends requests to the deployed agent.
struct SmokeStep: Step {
    static let signature = StepSignature(
        uses: "smoke",
        summary: "Requests paths of the deployed agent, and runs a graph, to check that it works.",
        inputs: [
            .init(
                "revision",
                "the output `revision` of verify or rollback: where the agent answers, and whose log to read"),
            .init("plan", "the output `plan` of preflight: what to check, and whether a failure is rolled back"),
            .init("url", "address of the agent; default: that of `revision`"),
            .init("paths", "paths that must answer 2xx; default: those of `plan`"),
            .init("graph", "graph that must run without an error; default: that of `plan`"),
        ],
        outputs: [
            .init("result", "passed or failed"),
            .init("rollback-cause", "why the deploy has to be rolled back; null if it need not be"),
        ], access: .reads,
        removedInputs: StepOutputs.removed(["deployment-id", "revision-id"], use: ["revision"]))

    private let inputs: StepInputs
    private let services: StepServices
    private let tracked: TrackedRevision?
    private let plan: DeployPlan?

    init(_ inputs: StepInputs, _ services: StepServices) throws {
        self.inputs = inputs
        self.services = services
        tracked = try inputs.structure("revision", TrackedRevision.self)
        plan = try inputs.structure("plan", DeployPlan.self)
    }

    func run(in context: StepContext) async throws {
        let (paths, graphs) = (inputs.strings("paths"), inputs.strings("graph"))
        let checks =
            paths.isEmpty && graphs.isEmpty
            ? (plan?.smoke ?? []).map(SmokeCheck.path) + [plan?.smokeGraph].compactMap(\.self).map(SmokeCheck.graph)
            : paths.map(SmokeCheck.path) + graphs.map(SmokeCheck.graph)
        guard !checks.isEmpty else { return }
        guard let url = inputs.string("url") ?? tracked?.url else {
            put(.failed, context)
            throw StepFailure(
                .failed, code: "NoServingURL", "cannot run smoke tests: the deployment has no URL",
                hint: "leave out --smoke, or open the dashboard")
        }
        for check in checks { try await pass(check, url, context) }
        put(.passed, context)
    }

    private func pass(_ check: SmokeCheck, _ url: String, _ context: StepContext) async throws {
        let prober = SmokeTest(
            transport: services.agentTransport, key: services.agentKey, clock: context.clock, baseURL: url,
            deadline: context.deadline)
        switch try await prober.run(check) {
        case .passed(let status):
            context.note("smoke test \(check.name): \(status)")
        case .failed(let reason, let body):
            put(.failed, context)
            context.log(body, from: "smoke")
            try await collectLogs(context)
            throw StepFailure(
                .failed, code: "SmokeTestFailed", "smoke test \(check.name) failed: \(reason)",
                hint: "the revision was deployed, but the agent does not work: read its deploy log")
        }
    }

    private func put(_ result: SmokeResult, _ context: StepContext) {
        context.output("rollback-cause", Value(plan.flatMap { RollbackCause(of: result, $0) }?.rawValue))
        context.output("result", .string(result.rawValue))
    }

    private func collectLogs(_ context: StepContext) async throws {
        guard let tracked else { return }
        try await LogTail(
            client: services.client, context: context, deployment: tracked.deployment,
            revision: tracked.revision
        ).collect([.deploy])
    }
}

/// What a smoke test asks of the agent.
enum SmokeCheck: Sendable {
    /// GET must answer 2xx.
    case path(String)
    /// A run of this graph must end without an error.
    case graph(String)

    var name: String {
        switch self {
        case .path(let path): "GET \(path)"
        case .graph(let id): "run of graph \(id)"
        }
    }
}

/// Makes the requests of a smoke test. The traffic may reach the old revision, or nobody, for a moment after DEPLOYED,
/// so a failing check is tried again.
struct SmokeTest: Sendable {
    static let pauses: [Duration] = [.milliseconds(500), .seconds(1), .seconds(2), .seconds(4)]

    enum Result: Sendable {
        case passed(String)
        case failed(String, body: [String])
    }

    let transport: any HTTPTransport
    let key: SecretValue?
    let clock: any RunClock
    let baseURL: String
    let deadline: MonotonicInstant?

    func run(_ check: SmokeCheck) async throws -> Result {
        var result = try await attempt(check)
        for pause in Self.pauses {
            guard case .failed = result else { return result }
            if let deadline, clock.now.advanced(by: pause) >= deadline { return result }
            try await clock.sleep(for: pause)
            result = try await attempt(check)
        }
        return result
    }

    private func attempt(_ check: SmokeCheck) async throws -> Result {
        do {
            return judge(try await transport.send(request(for: check)), check)
        } catch let error as TransportError {
            return .failed(error.message, body: [])
        }
    }

    private func request(for check: SmokeCheck) -> HTTPRequest {
        switch check {
        case .path(let path):
            let base = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
            return HTTPRequest(
                .get, base + (path.hasPrefix("/") ? path : "/" + path),
                headers: key.map { [HTTPHeader("X-Api-Key", $0.reveal())] } ?? [], deadline: deadline)
        case .graph(let id):
            return GraphRun(graph: id).request(baseURL: baseURL, key: key, deadline: deadline)
        }
    }

    private func judge(_ response: HTTPResponse, _ check: SmokeCheck) -> Result {
        let problem =
            switch check {
            case .path: (200..<300).contains(response.status) ? nil : "HTTP \(response.status)"
            case .graph: GraphRun.problem(with: response)
            }
        return problem.map { .failed($0, body: GraphRun.excerpt(of: response)) } ?? .passed("HTTP \(response.status)")
    }
}
