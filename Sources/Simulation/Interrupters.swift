import ControlPlane
import Engine

/// Gives the order to stop in the moment a step begins.
struct StepInterrupter: EventObserver {
    let step: String?
    let cancellation: RunCancellation

    func observe(_ event: RunEvent) {
        if let start = event.payload as? StepStarted, start.step == step { cancellation.cancel(.interrupt) }
    }
}

/// Gives the order to stop in the moment a request to one endpoint leaves.
final class InterruptingTransport: HTTPTransport {
    let base: any HTTPTransport
    let endpoint: String
    let cancellation: RunCancellation
    /// Requests to it that leave before.
    private let passing: Locked<Int>

    init(base: any HTTPTransport, endpoint: String, after count: Int, cancellation: RunCancellation) {
        self.base = base
        self.endpoint = endpoint
        self.cancellation = cancellation
        passing = Locked(count)
    }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        if request.endpoint == endpoint {
            let passes = passing.withLock { count in
                count -= 1
                return count >= 0
            }
            if !passes { cancellation.cancel(.interrupt) }
        }
        return try await base.send(request)
    }
}
