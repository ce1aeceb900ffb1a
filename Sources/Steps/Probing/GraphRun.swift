import Clocks
import ControlPlane
import ControlPlaneTypes
import FoundationEssentials

/// One run of a graph on a deployed agent, waited for: what is sent, and whether the answer is a good one.
struct GraphRun {
    /// A run may call a model.
    static let limit: Duration = .seconds(120)

    let graph: String
    let input: JSONValue

    init(graph: String, input: JSONValue = .object([:])) {
        self.graph = graph
        self.input = input
    }

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
        // Encoding JSON values cannot fail; an empty body would only fail the run.
        request.body = .bytes((try? JSONEncoder().encode(Body(assistantID: graph, input: input))) ?? Data())
        return request
    }

    /// What is wrong with the answer; nil when the run ended well. The server may send line breaks before the answer,
    /// to keep the connection open.
    static func problem(with response: HTTPResponse) -> String? {
        guard response.status == 200 else { return "HTTP \(response.status)" }
        do {
            // A graph that raises still answers 200, with the error inside.
            let answer = try JSONDecoder().decode(Answer.self, from: response.body)
            return answer.hasError ? "the run ended with an error" : nil
        } catch {
            return "HTTP 200, but the answer is no JSON object"
        }
    }

    /// The first lines of an answer, for people.
    static func excerpt(of response: HTTPResponse) -> [String] {
        let text = String(decoding: response.body.prefix(4096), as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).prefix(20).map(String.init)
    }
}

private struct Body: Encodable {
    var assistantID: String
    var input: JSONValue

    private enum CodingKeys: String, CodingKey {
        case assistantID = "assistant_id"
        case input
    }
}

private struct Answer: Decodable {
    var hasError: Bool

    init(from decoder: any Decoder) throws {
        hasError = try decoder.container(keyedBy: CodingKeys.self).contains(.error)
    }

    private enum CodingKeys: String, CodingKey {
        case error = "__error__"
    }
}
