import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials
import WorkflowModel

/// `run-graph`: runs a graph of the deployed agent and waits for its end.
struct RunGraphStep: Step {
    static let signature = StepSignature(
        uses: "run-graph",
        summary: "Runs a graph of the deployed agent; it has to end without an error.",
        inputs: [
            .init("url", isRequired: true, "where the agent answers"),
            .init("graph", isRequired: true, "the graph's name, or an assistant's id"),
            .init("input", default: "{}", "what the run gets: JSON, or a mapping"),
            .init("limit", default: "2m", "how long the run may take"),
        ],
        outputs: [.init("result", "passed or failed")])

    private let address: WebAddress
    private let run: GraphRun
    private let limit: Duration
    private let services: StepServices

    init(_ inputs: StepInputs, _ services: StepServices) throws {
        address = try inputs.url("url")
        run = GraphRun(graph: inputs.string("graph") ?? "", input: try Self.input(inputs))
        limit = try inputs.duration("limit")
        self.services = services
    }

    func run(in context: StepContext) async throws {
        let request = run.request(
            baseURL: address.text, key: services.agentKey, deadline: context.deadline, limit: limit)
        let response: HTTPResponse
        do {
            response = try await services.agentTransport.send(request)
        } catch let error as TransportError {
            throw failed(error.message, context)
        }
        if let problem = GraphRun.problem(with: response) {
            context.log(GraphRun.excerpt(of: response), from: "answer")
            throw failed(problem, context)
        }
        context.output("result", "passed")
        context.note("graph \(run.graph) ran without an error")
    }

    private func failed(_ problem: String, _ context: StepContext) -> StepFailure {
        context.output("result", "failed")
        return StepFailure(
            .failed, code: "GraphRunFailed", "run of graph \(run.graph) at \(address) failed: \(problem)",
            hint: "see the answer, and the deployment's log")
    }

    private static func input(_ inputs: StepInputs) throws -> JSONValue {
        let text = inputs.json("input") ?? "{}"
        do {
            return try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        } catch {
            throw inputs.invalid("input", text, "JSON, such as '{\"messages\": []}' or ${{ toJSON(…) }}")
        }
    }
}
