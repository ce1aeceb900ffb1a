import ControlPlane
import Engine

/// Gives the order to stop in the moment a request to one endpoint leaves.
struct InterruptingTransport: HTTPTransport {
    let base: any HTTPTransport
    let endpoint: String
    let cancellation: RunCancellation

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        if request.endpoint == endpoint { cancellation.cancel(.interrupt) }
        return try await base.send(request)
    }
}
