import Clocks
import ControlPlane
import Engine
import FoundationEssentials
import JSON
import Redaction
import WorkflowModel

/// `run-graph`: runs a graph of the deployed agent and waits until it ends.
struct RunGraphStep: Step {
    static let signature = StepSignature(
        uses: "run-graph",
        summary: "Runs a graph of the deployed agent, which must end without an error.",
        inputs: [
            .init("url", isRequired: true, "address of the agent"),
            .init("graph", isRequired: true, "name of the graph, or id of an assistant"),
            .init("input", default: "{}", as: .json, "input of the run: JSON, or a mapping"),
            .init("limit", default: "2m", as: .duration, "timeout of the run"),
            .init(
                "agent-key", default: false, as: .boolean,
                "send the key of the agent (SLIPWAY_AGENT_API_KEY) to this url too; a deployment of this run gets it always"
            ),
        ],
        outputs: [.init("result", "passed, failed or timeout")])

    private let address: WebAddress
    private let run: GraphRun
    private let limit: Duration
    private let sendsKey: Bool
    private let services: StepServices

    init(_ inputs: StepInputs, _ services: StepServices) throws {
        address = try inputs.url("url")
        run = GraphRun(graph: inputs.string("graph") ?? "", input: try GraphRun.input("input", inputs) ?? .object([]))
        limit = try inputs.duration("limit")
        sendsKey = inputs.flag("agent-key")
        self.services = services
    }

    func run(in context: StepContext) async throws {
        let request = run.request(
            baseURL: address.text, key: services.agentKey(for: address.text, isAsked: sendsKey),
            deadline: context.deadline, limit: limit)
        let response: HTTPResponse
        do {
            response = try await services.agentTransport.send(request)
        } catch let error as TransportError where context.isOver {
            context.output("result", "timeout")
            throw StepFailure(
                .timedOut, code: "GraphRunTimeout",
                "run of graph \(run.graph) at \(address) timed out: \(error.message)",
                hint: "allow more time with timeout")
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
            hint: "read the answer, and the deployment's log")
    }
}

/// One run of a graph on a deployed agent, waited for: what is sent, and whether the answer is a good one.
struct GraphRun {
    /// A run may call a model.
    static let limit: Duration = .seconds(120)

    let graph: String
    let input: RawJSON

    init(graph: String, input: RawJSON = .object([])) {
        self.graph = graph
        self.input = input
    }

    /// The input of a run that a step was given; nil for none.
    static func input(_ name: String, _ inputs: StepInputs) throws -> RawJSON? {
        guard let text = inputs.json(name) else { return nil }
        do {
            return try parse(text)
        } catch {
            throw inputs.invalid(name, text, "JSON, such as '{\"messages\": []}' or ${{ toJSON(…) }}")
        }
    }

    /// As it is written, with every digit of its numbers.
    static func parse(_ text: String) throws -> RawJSON { try RawJSON(parsing: Data(text.utf8)) }

    /// - Parameter baseURL: where the agent answers, with or without a slash at its end.
    func request(
        baseURL: String, key: SecretValue?, deadline: MonotonicInstant?, limit: Duration = limit
    ) -> HTTPRequest {
        let base = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
        var headers = key.map { [HTTPHeader("X-Api-Key", $0.reveal())] } ?? []
        headers.append(HTTPHeader("Content-Type", "application/json"))
        var request = HTTPRequest(.post, base + "/runs/wait", headers: headers, deadline: deadline)
        request.limits.total = limit
        request.limits.idle = limit
        request.body = .bytes(RawJSON(object: [("assistant_id", .text(graph)), ("input", input)]).data)
        return request
    }

    /// What is wrong with the answer; nil when the run ended well. The server may send line breaks before the answer,
    /// to keep the connection open.
    static func problem(with response: HTTPResponse) -> String? {
        guard response.status == 200 else { return "HTTP \(response.status)" }
        do {
            // A graph that raises still answers 200, with the error inside.
            let answer = try JSONDecoder().decode(Answer.self, from: response.body)
            return answer.error.map { "the run ended with an error" + ($0.isEmpty ? "" : ": \($0)") }
        } catch {
            return "HTTP 200, but the answer is not a JSON object"
        }
    }

    /// Whether the run itself ended with an error, so that another one would do the same.
    static func hasRun(_ response: HTTPResponse) -> Bool {
        response.status == 200 && (try? JSONDecoder().decode(Answer.self, from: response.body))?.error != nil
    }

    /// The first lines of an answer, for people.
    static func excerpt(of response: HTTPResponse) -> [String] {
        let text = String(decoding: response.body.prefix(4096), as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).prefix(20).map(String.init)
    }
}

private struct Answer: Decodable {
    private static let longestError = 300

    /// The error's name and text as far as the answer has them; nil without an error.
    var error: String?

    private struct Failure: Decodable {
        var error: String?
        var message: String?
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        guard container.contains(.error) else { return }
        // Servers may have other texts there, or none.
        let failure = try? container.decode(Failure.self, forKey: .error)
        let texts = [failure?.error, failure?.message, try? container.decode(String.self, forKey: .error)]
        error = String(texts.compactMap(\.self).joined(separator: ": ").prefix(Self.longestError))
    }

    private enum CodingKeys: String, CodingKey {
        case error = "__error__"
    }
}
