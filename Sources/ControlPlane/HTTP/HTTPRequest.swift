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
    }
}

package struct HTTPHeader: Sendable, Equatable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// How long an attempt may take and how much it may answer (docs/failures.md, row 17).
package struct HTTPLimits: Sendable {
    package var connect: Duration = .seconds(10)
    /// No byte for this long ends the attempt.
    package var idle: Duration = .seconds(10)
    package var total: Duration = .seconds(30)
    package var bodyBytes: Int = 8 << 20

    package init() {}
}
