import Clocks
import ControlPlane
import JSON
import Redaction

/// What a smoke test asks of the agent.
enum SmokeCheck: Sendable {
    /// GET must answer 2xx.
    case path(String)
    /// A run of this graph must end without an error.
    case graph(String, input: RawJSON)

    var name: String {
        switch self {
        case .path(let path): "GET \(path)"
        case .graph(let id, _): "run of graph \(id)"
        }
    }
}

/// Makes the requests of a smoke test. The traffic may reach the old revision, or nobody, for a moment after DEPLOYED,
/// so a failing check is tried again.
package struct SmokeTest: Sendable {
    package static let pauses: [Duration] = [.milliseconds(500), .seconds(1), .seconds(2), .seconds(4)]

    enum Result: Sendable {
        case passed(String)
        case failed(String, body: [String])
        /// Another try would fail too.
        case ended(String, body: [String])
        /// The deadline ended a request, or left no time for another try: no verdict.
        case cutShort(String)
    }

    let transport: any HTTPTransport
    let key: SecretValue?
    let clock: any RunClock
    let baseURL: String
    let deadline: MonotonicInstant?

    func run(_ check: SmokeCheck) async throws -> Result {
        var pauses = Self.pauses[...]
        while true {
            let result = try await attempt(check)
            guard case .failed(let reason, _) = result, let pause = pauses.popFirst() else { return result }
            let next = clock.now.advanced(by: pause)
            if let deadline, next >= deadline { return .cutShort(reason) }
            try await clock.sleep(until: next)
        }
    }

    private func attempt(_ check: SmokeCheck) async throws -> Result {
        do {
            return judge(try await transport.send(request(for: check)), check)
        } catch let error as TransportError {
            let isOver = deadline.map { clock.now >= $0 } ?? false
            return isOver ? .cutShort(error.message) : .failed(error.message, body: [])
        }
    }

    private func request(for check: SmokeCheck) -> HTTPRequest {
        switch check {
        case .path(let path):
            let base = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
            return HTTPRequest(
                .get, base + (path.hasPrefix("/") ? path : "/" + path),
                headers: key.map { [HTTPHeader("X-Api-Key", $0.reveal())] } ?? [], deadline: deadline)
        case .graph(let id, let input):
            return GraphRun(graph: id, input: input).request(baseURL: baseURL, key: key, deadline: deadline)
        }
    }

    private func judge(_ response: HTTPResponse, _ check: SmokeCheck) -> Result {
        let problem =
            switch check {
            case .path: (200..<300).contains(response.status) ? nil : "HTTP \(response.status)"
            case .graph: GraphRun.problem(with: response)
            }
        guard let problem else { return .passed("HTTP \(response.status)") }
        let body = GraphRun.excerpt(of: response)
        if case .graph = check, GraphRun.hasRun(response) { return .ended(problem, body: body) }
        return .failed(problem, body: body)
    }
}
