package import Clocks
package import ControlPlane
import ControlPlaneTypes
import FoundationEssentials

/// A control plane in memory and in virtual time, as an `HTTPTransport`: with latency, injected faults and a record of
/// all requests.
package final class ModelControlPlane: HTTPTransport {
    /// A request that was sent, including one that a fault lost.
    package struct Arrival: Sendable {
        package var at: Duration
        package var request: HTTPRequest
        package var fault: ModelFault?
    }

    private struct State {
        var world: ModelWorld
        var faults = ModelFaults()
        var arrivals: [Arrival] = []
    }

    package static let url = "https://plane.test"
    static let agentSuffix = ".agent.test"
    /// Time of each exchange; half of it passes before the request is processed.
    package static let latency: Duration = .milliseconds(40)

    private let clock: any RunClock
    private let state: Locked<State>

    package init(clock: any RunClock) {
        self.clock = clock
        state = Locked(State(world: ModelWorld(epoch: clock.date)))
    }

    static func agentURL(of id: DeploymentID) -> String { "https://\(id)\(agentSuffix)" }

    /// Reads or changes the current state.
    @discardableResult
    package func world<Answer>(_ body: (inout ModelWorld) throws -> Answer) rethrows -> Answer {
        let now = clock.now
        return try state.withLock { state in
            state.world.settle(until: now)
            return try body(&state.world)
        }
    }

    package func faults(_ edit: (inout ModelFaults) -> Void) {
        state.withLock { edit(&$0.faults) }
    }

    package var now: MonotonicInstant { clock.now }

    package var arrivals: [Arrival] { state.withLock(\.arrivals) }

    package func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        let start = clock.now
        if let deadline = request.deadline, deadline <= start {
            throw TransportError(.timeout, "deadline exceeded", mayHaveBeenProcessed: false)
        }
        let fault = state.withLock { state in
            let fault = state.faults.take(request, at: start.sinceStart)
            state.arrivals.append(Arrival(at: start.sinceStart, request: request, fault: fault))
            return fault
        }
        try await clock.sleep(for: Self.latency / 2)
        guard let fault else {
            let answer = process(request)
            try await clock.sleep(for: Self.latency / 2)
            return answer
        }
        let answer = fault.isProcessed ? process(request) : nil
        return try await fail(fault, answer, request, since: start)
    }

    /// Processes a request at once, without latency and faults.
    package func process(_ request: HTTPRequest) -> HTTPResponse {
        world { world in
            guard let call = ModelCall(request, at: clock.now) else { return HTTPResponse(status: 400) }
            do throws(ModelProblem) {
                return try ModelRoutes.answer(call, in: &world).response
            } catch {
                return Self.refusal(error, echo: world.behavior.echoesKey ? call.header("X-Api-Key") : nil)
            }
        }
    }

    private static func refusal(_ problem: ModelProblem, echo key: String?) -> HTTPResponse {
        var detail = problem.detail
        if let key, let text = detail.text { detail = .string("\(text) (X-Api-Key: \(key))") }
        return ModelAnswer(problem.status, ["detail": detail]).response
    }

    private func fail(
        _ fault: ModelFault, _ answer: HTTPResponse?, _ request: HTTPRequest, since start: MonotonicInstant
    ) async throws -> HTTPResponse {
        switch fault {
        case .refused:
            throw TransportError(.connectionRefused, "plane.test: connection refused", mayHaveBeenProcessed: false)
        case .lostBefore, .lostAfter:
            throw TransportError(.connectionLost, "plane.test: connection reset", mayHaveBeenProcessed: true)
        case .timeout:
            let limit = start.advanced(by: request.limits.total)
            try await clock.sleep(until: request.deadline.map { min($0, limit) } ?? limit)
            throw TransportError(.timeout, "plane.test: timed out waiting for the response", mayHaveBeenProcessed: true)
        case .status(let status, let pause):
            let headers = pause.map { [HTTPHeader("Retry-After", String($0))] } ?? []
            return HTTPResponse(status: status, headers: headers, body: echo(of: request))
        case .refusal(let status):
            return Self.refusal(ModelProblem(status, "refused for now"), echo: nil)
        case .statusAfter(let status):
            return HTTPResponse(status: status, body: echo(of: request))
        case .truncated:
            let body = answer?.body ?? Data()
            return HTTPResponse(status: answer?.status ?? 200, body: body.prefix(body.count / 2))
        case .html:
            return HTTPResponse(status: 200, body: Data("<html><body>Sign in</body></html>".utf8))
        }
    }

    /// The body of a gateway's error; some gateways repeat the request's headers.
    private func echo(of request: HTTPRequest) -> Data {
        let isCareless = state.withLock(\.world.behavior.echoesKey)
        let headers = isCareless ? request.headers.map { "\($0.name): \($0.value)" }.joined(separator: ", ") : ""
        return Data("upstream error \(headers)".utf8)
    }
}

extension ModelControlPlane.Arrival {
    /// Whether the request changes something.
    package var isChange: Bool { !request.isRepeatable }

    /// Whether the plane processed it.
    package var isProcessed: Bool { fault?.isProcessed ?? true }
}
