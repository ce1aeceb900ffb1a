/// The HTTP seam: bytes in, bytes out.
package protocol HTTPTransport: Sendable {
    /// Makes one exchange and returns the answer, of whatever status.
    ///
    /// Throws `TransportError` when there is no complete answer and `CancellationError` when the task is cancelled.
    func send(_ request: HTTPRequest) async throws -> HTTPResponse
}
