package import Clocks
package import FoundationEssentials

/// The HTTP seam: bytes in, bytes out.
package protocol HTTPTransport: Sendable {
    /// Makes one exchange and returns the answer, of whatever status.
    ///
    /// Throws `TransportError` when there is no complete answer and `CancellationError` when the task is cancelled.
    func send(_ request: HTTPRequest) async throws -> HTTPResponse
}

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

/// How long an attempt may take and how much it may answer (docs/failures.md, row 17).
package struct HTTPLimits: Sendable {
    package var connect: Duration = .seconds(10)
    /// No byte for this long ends the attempt.
    package var idle: Duration = .seconds(10)
    package var total: Duration = .seconds(30)
    package var bodyBytes: Int = 8 << 20

    package init() {}
}

/// A header field; describes itself without its value, which may be a key.
package struct HTTPHeader: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    package var description: String { "\(name): ***" }
    package var customMirror: Mirror { Mirror(self, children: ["name": name]) }

    /// Whether it can go out as it is: a line break in it would start a header of its own.
    var isWellFormed: Bool {
        !name.isEmpty && (name + value).unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    }
}

/// A complete answer, of whatever status.
package struct HTTPResponse: Sendable {
    package var status: Int
    package var headers: [HTTPHeader]
    package var body: Data

    package init(status: Int, headers: [HTTPHeader] = [], body: Data = Data()) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first value of a header, whatever the case of its name.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// Why an exchange brought no complete answer.
package struct TransportError: Error, Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case nameNotResolved
        case connectionRefused
        /// A certificate that cannot be trusted: retrying does not help.
        case untrustedCertificate
        case tlsHandshake
        /// A proxy that wants a login or forbids the way.
        case proxy
        case timeout
        case connectionLost
        case bodyTruncated
        case bodyTooLarge
        case crossOriginRedirect
        case redirectLoop
        /// The server asked for a pause that ends after the request's deadline.
        case rateLimited
        case invalidRequest
        case other
    }

    package var kind: Kind
    /// One line, without secrets.
    package var message: String
    /// False only when it is certain that the server did not get the whole request.
    package var mayHaveBeenProcessed: Bool

    package init(_ kind: Kind, _ message: String, mayHaveBeenProcessed: Bool) {
        self.kind = kind
        self.message = message
        self.mayHaveBeenProcessed = mayHaveBeenProcessed
    }
}
