import Clocks
import ControlPlane
import ControlPlaneTypes
import FoundationEssentials

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
struct SmokeProber: Sendable {
    static let pauses: [Duration] = [.milliseconds(500), .seconds(1), .seconds(2), .seconds(4)]
    /// A run may call a model.
    static let runLimit: Duration = .seconds(120)

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
        let base = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
        var headers = key.map { [HTTPHeader("X-Api-Key", $0.reveal())] } ?? []
        switch check {
        case .path(let path):
            return HTTPRequest(
                .get, base + (path.hasPrefix("/") ? path : "/" + path), headers: headers, deadline: deadline)
        case .graph(let id):
            headers.append(HTTPHeader("Content-Type", "application/json"))
            let body = RunRequest(assistantID: id)
            var request = HTTPRequest(.post, base + "/runs/wait", headers: headers, deadline: deadline)
            request.limits.total = Self.runLimit
            request.limits.idle = Self.runLimit
            // Encoding two strings cannot fail; an empty body would only fail the check.
            request.body = .bytes((try? JSONEncoder().encode(body)) ?? Data())
            return request
        }
    }

    private func judge(_ response: HTTPResponse, _ check: SmokeCheck) -> Result {
        let text = String(decoding: response.body.prefix(4096), as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline).prefix(20).map(String.init)
        guard (200..<300).contains(response.status) else {
            return .failed("HTTP \(response.status)", body: lines)
        }
        // A graph that raises still answers 200, with the error inside.
        if case .graph = check {
            do {
                let answer = try JSONDecoder().decode(RunAnswer.self, from: response.body)
                if answer.hasError { return .failed("the run ended with an error", body: lines) }
            } catch {
                return .failed("HTTP 200, but the answer is no JSON object", body: lines)
            }
        }
        return .passed("HTTP \(response.status)")
    }
}

private struct RunRequest: Encodable {
    var assistantID: String
    var input: [String: String] = [:]

    private enum CodingKeys: String, CodingKey {
        case assistantID = "assistant_id"
        case input
    }
}

private struct RunAnswer: Decodable {
    var hasError: Bool

    init(from decoder: any Decoder) throws {
        hasError = try decoder.container(keyedBy: CodingKeys.self).contains(.error)
    }

    private enum CodingKeys: String, CodingKey {
        case error = "__error__"
    }
}
