package import Clocks
import ControlPlaneTypes
package import FoundationEssentials
package import JSON
package import Redaction

/// The control plane's API: one method for each endpoint, typed both ways.
///
/// Every method throws `ControlPlaneError`, and `CancellationError` when the task is cancelled.
package struct ControlPlaneClient: Sendable {
    package let address: ControlPlaneAddress
    let credentials: Credentials
    let key: APIKey
    let serverTime = ServerTime()
    let transport: any HTTPTransport
    let clock: any RunClock
    let jitter: @Sendable () -> Double
    private(set) var deadline: MonotonicInstant?

    /// `transport` should retry; `jitter` answers anything in 0..<1.
    package init(
        address: ControlPlaneAddress, credentials: Credentials, transport: any HTTPTransport, clock: any RunClock,
        jitter: @escaping @Sendable () -> Double
    ) {
        self.address = address
        self.credentials = credentials
        key = APIKey(credentials)
        self.transport = transport
        self.clock = clock
        self.jitter = jitter
    }

    /// The same client, whose calls end at `deadline`: no attempt starts after it.
    package func with(deadline: MonotonicInstant?) -> ControlPlaneClient {
        var copy = self
        copy.deadline = deadline
        return copy
    }

    /// What the control plane's clock shows, as far as its answers told.
    package var serverDate: Date { serverTime.date(at: clock.date) }

    /// Reads the file again that the key came from. The new key, when it holds another one: all copies of this client
    /// use it from now on.
    package func renewKey() -> SecretValue? { key.renew() }

    /// The flag or variable that the key comes from.
    package var keySource: String { credentials.source }

    /// Any endpoint, for what has no method here. `path` starts with `/` and may carry a query; returns 2xx answers.
    ///
    /// The answer may hold values of secrets; `secrets` are those that no error may repeat.
    package func raw(
        _ method: HTTPRequest.Method, path: String, body: Data? = nil, hiding secrets: [SecretValue] = []
    ) async throws -> HTTPResponse {
        var call = try call(method, path: path)
        call.body = body
        call.secrets = secrets
        return try await exchange(call)
    }

    /// One page of any list, as the control plane writes it.
    package func page(at path: String) async throws -> RawJSON {
        try await read(try call(.get, path: path)) { try RawJSON(parsing: $0) }
    }

    private func call(_ method: HTTPRequest.Method, path: String) throws(ControlPlaneError) -> APICall {
        guard path.hasPrefix("/"), Origin(ofURL: address.baseURL + path) == Origin(ofURL: address.baseURL) else {
            throw ControlPlaneError(
                .configuration, "not a path of the API: \(path)",
                hint: "give a path that starts with /, such as /v2/deployments")
        }
        let parts = path.split(separator: "?", maxSplits: 1).map(String.init)
        var call = APICall(method, parts.first ?? path)
        call.rawQuery = parts.dropFirst().first
        return call
    }
}
