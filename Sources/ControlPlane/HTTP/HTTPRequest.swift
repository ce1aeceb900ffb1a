package import Clocks
package import FoundationEssentials

/// One HTTP exchange to make, as bytes: the transport adds nothing but what HTTP itself needs.
package struct HTTPRequest: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    package enum Body: Sendable {
        case none
        case bytes(Data)
        /// Streamed from disk, so that an archive of any size needs little memory.
        case file(path: String, size: Int)
    }

    package var method: Method
    /// Absolute, already percent-encoded.
    package var url: String
    package var headers: [HTTPHeader]
    package var body: Body
    package var limits: HTTPLimits
    /// No attempt starts after this, and none runs past it.
    package var deadline: MonotonicInstant?
    /// Whether sending it twice does no harm: true of every GET, and of the few others that change nothing.
    package var isRepeatable: Bool
    /// What requests of this kind are counted under, such as `GET /v2/deployments/{id}`.
    package var endpoint: String

    package init(
        _ method: Method, _ url: String, headers: [HTTPHeader] = [], body: Body = .none,
        limits: HTTPLimits = HTTPLimits(), deadline: MonotonicInstant? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.limits = limits
        self.deadline = deadline
        isRepeatable = method == .get
        endpoint = method.rawValue
    }

    package var origin: Origin? { Origin(ofURL: url) }
}
