import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials
import WorkflowModel

/// `smoke`: asks the deployed agent itself.
struct SmokeStep: Step {
    static let signature = StepSignature(
        uses: "smoke",
        summary: "Requests paths of the deployed agent, and runs a graph, to see that it really works.",
        inputs: [
            .init("url", "where the agent answers"),
            .init("paths", "paths that must answer 2xx"),
            .init("graph", "a graph that must run without an error"),
            .init("deployment-id", "the deployment, to read its log after a failure"),
            .init("revision-id", "the revision, to read its log after a failure"),
        ],
        outputs: [.init("result", "passed or failed")], access: .reads)

    private let inputs: StepInputs
    private let services: StepServices

    init(_ inputs: StepInputs, _ services: StepServices) {
        self.inputs = inputs
        self.services = services
    }

    func run(in context: StepContext) async throws {
        let checks = inputs.strings("paths").map(SmokeCheck.path) + inputs.strings("graph").map(SmokeCheck.graph)
        guard !checks.isEmpty else { return }
        guard let url = inputs.string("url") else {
            context.output("result", "failed")
            throw StepFailure(
                .failed, code: "NoServingURL", "the deployment has no URL, so it cannot be smoke tested",
                hint: "leave out --smoke, or see the dashboard")
        }
        for check in checks { try await pass(check, url, context) }
        context.output("result", "passed")
    }

    private func pass(_ check: SmokeCheck, _ url: String, _ context: StepContext) async throws {
        let prober = SmokeTest(
            transport: services.agentTransport, key: services.agentKey, clock: context.clock, baseURL: url,
            deadline: context.deadline)
        switch try await prober.run(check) {
        case .passed(let status):
            context.note("smoke test \(check.name): \(status)")
        case .failed(let reason, let body):
            context.output("result", "failed")
            context.log(body, from: "smoke")
            try await collectLogs(context)
            throw StepFailure(
                .failed, code: "SmokeTestFailed", "smoke test \(check.name) failed: \(reason)",
                hint: "the revision was deployed, but the agent does not do its work: see its deploy log")
        }
    }

    private func collectLogs(_ context: StepContext) async throws {
        guard let deployment = inputs.string("deployment-id"), let revision = inputs.string("revision-id") else {
            return
        }
        try await LogTail(
            client: services.client, context: context, deployment: DeploymentID(deployment),
            revision: RevisionID(revision)
        ).collect([.deploy])
    }
}
