import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import JSON
import Redaction
import WorkflowModel

/// `smoke`: sends requests to the deployed agent.
struct SmokeStep: Step {
    static let signature = StepSignature(
        uses: "smoke",
        summary: "Requests paths of the deployed agent, and runs a graph, to check that it works and is live still.",
        inputs: [
            .init(
                "revision",
                "the output `revision` of verify or rollback: where the agent answers, whose log to read, and what must be live at the end"
            ),
            .init("plan", "the output `plan` of preflight: what to check, and whether a failure is rolled back"),
            .init("url", "address of the agent; default: that of `revision`"),
            .init(
                "agent-key", default: false, as: .boolean,
                "send the key of the agent (SLIPWAY_AGENT_API_KEY) to this url too; a deployment of this run gets it always"
            ),
            .init("paths", "paths that must answer 2xx; default: those of `plan`"),
            .init("graph", "graph that must run without an error; default: that of `plan`"),
            .init("input", as: .json, "input of that run: JSON, or a mapping; default: that of `plan`, or `{}`"),
        ],
        outputs: [
            .init("result", "passed, failed, superseded or timeout"),
            .init("rollback-cause", "why the deploy has to be rolled back; null if it need not be"),
        ], access: .reads, isMomentary: true,
        removedInputs: StepOutputs.removed(["deployment-id", "revision-id"], use: ["revision"]))

    private let url: String?
    private let sendsKey: Bool
    private let checks: [SmokeCheck]
    private let services: StepServices
    private let tracked: TrackedRevision?
    private let plan: DeployPlan?

    init(_ inputs: StepInputs, _ services: StepServices) throws {
        self.services = services
        tracked = try inputs.structure("revision", TrackedRevision.self)
        plan = try inputs.structure("plan", DeployPlan.self)
        url = inputs.string("url") ?? tracked?.url
        sendsKey = inputs.flag("agent-key")
        let (paths, graphs) = (inputs.strings("paths"), inputs.strings("graph"))
        for path in paths {
            if let problem = SmokePath.problem(of: path) { throw inputs.invalid("paths", path, problem) }
        }
        let input = try GraphRun.input("input", inputs) ?? plan?.smokeInput.map(GraphRun.parse) ?? .object([])
        let isPlanned = paths.isEmpty && graphs.isEmpty
        checks =
            (isPlanned ? plan?.smoke ?? [] : paths).map(SmokeCheck.path)
            + (isPlanned ? [plan?.smokeGraph].compactMap(\.self) : graphs).map { .graph($0, input: input) }
    }

    func run(in context: StepContext) async throws {
        guard !checks.isEmpty else { return }
        try await DeadlinePolicy(plan: plan, deployment: tracked?.deployment).run(in: context) {
            guard let url else {
                put(.failed, context)
                throw StepFailure(
                    .failed, code: "NoServingURL", "cannot run smoke tests: the deployment has no URL",
                    hint: "leave out --smoke, or open the dashboard")
            }
            let key = services.agentKey(for: url, isAsked: sendsKey)
            if key == nil, services.agentKey != nil {
                context.warn(
                    "the key of the agent is not sent to the url of this step, which is no deployment of this run: "
                        + "agent-key: true sends it")
            }
            for check in checks { try await pass(check, url, key, context) }
            try await checkStillLive(context)
            put(.passed, context)
        }
    }

    private func pass(
        _ check: SmokeCheck, _ url: String, _ key: SecretValue?, _ context: StepContext
    ) async throws {
        let test = SmokeTest(
            transport: services.agentTransport, key: key, clock: context.clock, baseURL: url,
            deadline: context.deadline)
        switch try await test.run(check) {
        case .passed(let status):
            context.note("smoke test \(check.name): \(status)")
        case .cutShort(let reason):
            throw DeadlineReached(activity: "during the smoke test \(check.name): \(reason)")
        case .failed(let reason, let body), .ended(let reason, let body):
            put(.failed, context)
            context.log(body, from: "smoke")
            try await recordLog(context)
            throw StepFailure(
                .failed, code: "SmokeTestFailed", "smoke test \(check.name) failed: \(reason)",
                hint: "the revision was deployed, but the agent does not work: read its deploy log")
        }
    }

    /// The last thing that is read: what answered may not be ours, or not any more (docs/failures.md, row 20).
    private func checkStillLive(_ context: StepContext) async throws {
        guard let tracked else { return }
        let live = try await LiveRevisionCheck(
            client: services.client, context: context, deployment: tracked.deployment, previous: tracked.previous,
            recorded: tracked.revision
        ) {
            context.record(services.fact($0, previous: tracked.previous, created: tracked.created ?? false))
        }.waitUntilLive([tracked.revision], patience: LiveRevisionCheck.patienceOnceLive)
        guard live.activeRevisionID != tracked.revision else { return }
        put(.superseded, context)
        throw StepFailure.superseded(
            "revision \(tracked.revision) passed its smoke test", by: live.activeRevisionID, in: tracked.deployment)
    }

    private func put(_ result: SmokeResult, _ context: StepContext) {
        context.output("rollback-cause", Value(plan.flatMap { RollbackCause(of: result, $0) }?.rawValue))
        context.output("result", .string(result.rawValue))
    }

    private func recordLog(_ context: StepContext) async throws {
        guard let tracked else { return }
        var reader = BestEffortReader.afterVerdict(client: services.client, clock: context.clock)
        var logs = RevisionLogs(
            context, deployment: tracked.deployment, revision: tracked.revision, isFollowed: false)
        try await logs.recordEnd(of: [.deploy], by: &reader)
    }
}
