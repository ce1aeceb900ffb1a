package import ControlPlane
package import FoundationEssentials

/// A request as a `FaultServer` got it.
package struct ReceivedRequest: Sendable {
    /// The first word of the request; `TLS` when the client began a handshake instead.
    package var method: String
    /// Path and query.
    package var target: String
    package var headers: [HTTPHeader]
    package var body: Data
    /// Which of the server's connections it came on, from 1.
    package var connection: Int

    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}
