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
        /// When the plane processed it, or will; nil when it never does.
        package var processedAt: Duration?
        /// When the client got a response, and its status; nil without one.
        package var answer: (at: Duration, status: Int)?
    }

    private struct State {
        var world: ModelWorld
        var faults = ModelFaults()
        var arrivals: [Arrival] = []
        var boundaries: [ModelBoundary] = []
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

    /// Another actor acts there, once.
    package func at(_ boundary: ModelBoundary) {
        state.withLock { $0.boundaries.append(boundary) }
    }

    package func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        let start = clock.now
        if let deadline = request.deadline, deadline <= start {
            throw TransportError(.timeout, "deadline exceeded", mayHaveBeenProcessed: false)
        }
        let (fault, index) = state.withLock { state in
            let fault = state.faults.take(request, at: start.sinceStart)
            state.arrivals.append(Arrival(at: start.sinceStart, request: request, fault: fault))
            return (fault, state.arrivals.count - 1)
        }
        try await clock.sleep(for: Self.latency / 2)
        let boundaries = reached(by: request)
        act(at: boundaries, .beforeProcessing)
        let exchange = ModelExchange(plane: self, clock: clock, request: request, arrival: index, start: start)
        let response = Result { try exchange.begin(fault) }
        act(at: boundaries, .afterProcessing)
        let answer = try await exchange.finish(try response.get(), fault)
        record(index) { $0.answer = (clock.now.sinceStart, answer.status) }
        return answer
    }

    /// The boundaries that this request reaches, which are used up.
    private func reached(by request: HTTPRequest) -> [ModelBoundary] {
        state.withLock { state in
            var reached: [ModelBoundary] = []
            for index in state.boundaries.indices where state.boundaries[index].isReached(by: request) {
                reached.append(state.boundaries[index])
            }
            return reached
        }
    }

    private func act(at boundaries: [ModelBoundary], _ moment: ModelBoundary.Moment) {
        for boundary in boundaries where boundary.moment == moment {
            world { boundary.act(&$0, clock.now) }
        }
    }

    func record(_ arrival: Int, _ edit: (inout Arrival) -> Void) {
        state.withLock { edit(&$0.arrivals[arrival]) }
    }

    /// Processes a request at once, without latency and faults.
    package func process(_ request: HTTPRequest) -> HTTPResponse {
        world { Self.process(request, in: &$0, at: clock.now) }
    }

    static func process(
        _ request: HTTPRequest, in world: inout ModelWorld, at now: MonotonicInstant
    ) -> HTTPResponse {
        guard let call = ModelCall(request, at: now) else { return HTTPResponse(status: 400) }
        do throws(ModelProblem) {
            return try ModelRoutes.answer(call, in: &world).response
        } catch {
            return refusal(error, echo: world.behavior.echoesKey ? call.header("X-Api-Key") : nil)
        }
    }

    static func refusal(_ problem: ModelProblem, echo key: String?) -> HTTPResponse {
        var detail = problem.detail
        if let key, let text = detail.text { detail = .string("\(text) (X-Api-Key: \(key))") }
        return ModelAnswer(problem.status, ["detail": detail]).response
    }

    /// The body of a gateway's error; some gateways repeat the request's headers.
    func echo(of request: HTTPRequest) -> Data {
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
