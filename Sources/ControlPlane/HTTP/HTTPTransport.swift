package import Clocks
package import FoundationEssentials
package import Redaction

/// The HTTP seam of the client, replaced by a stub in tests.
package protocol HTTPTransport: Sendable {
    /// Sends a request and returns the response, of any status.
    ///
    /// Throws `TransportError` without a complete response, and `CancellationError` if the task is cancelled.
    func send(_ request: HTTPRequest) async throws -> HTTPResponse
}

/// An HTTP request; the transport adds only what HTTP itself requires.
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
        /// Streamed from disk, to keep memory use independent of the size.
        case file(path: String, size: Int)
    }

    /// What is sent again after a failure that may pass.
    package enum Retries: Sendable {
        /// Reads, and changes that were certainly not executed.
        case all
        /// Reads only: the caller decides again before it repeats a change.
        case reads
        /// Nothing, nor is a pause waited out that the server requested: for reads that must not delay anything.
        case none

        func allow(_ request: HTTPRequest) -> Bool {
            self == .all || (self == .reads && request.isRepeatable)
        }
    }

    /// Which redirects are followed.
    package enum Redirects: Sendable {
        /// Those of a GET within its origin, because the headers may contain a key.
        case withinOrigin
        /// Also 307 and 308 of any method to any origin, for requests without credentials.
        case toAnyOrigin
    }

    package var method: Method
    /// Absolute, already percent-encoded.
    package var url: String
    package var headers: [HTTPHeader]
    package var body: Body
    package var limits: HTTPLimits
    /// No attempt starts or continues after this.
    package var deadline: MonotonicInstant?
    /// Whether it may be sent twice: true for every GET and for the few others that change nothing.
    package var isRepeatable: Bool
    package var retries: Retries = .all
    package var redirects: Redirects = .withinOrigin
    /// The API that the request is for; nil for other servers, such as agents and storage.
    package var contact: Contact?
    /// What it is paid from; nil for servers without a limit of ours.
    package var budget: RequestBudget?
    package var allowance: RequestAllowance?
    /// What the request is about, such as a deployment's id; nil means its URL. Requests about one resource are spaced
    /// together after a failure.
    package var resource: String?
    /// The name for counting requests of this kind, such as `GET /v2/deployments/{id}`.
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

/// The limits of an attempt: its duration and the size of the response (docs/failures.md, row 17).
package struct HTTPLimits: Sendable {
    package var connect: Duration = .seconds(10)
    /// The longest time from the request to the first byte of its response; nil means `idle`.
    package var firstByte: Duration?
    /// The longest time without data.
    package var idle: Duration = .seconds(10)
    /// Nil for an upload, whose time depends on its size.
    package var total: Duration? = .seconds(30)
    package var bodyBytes: Int = 8 << 20

    package init() {}

    /// Up to `firstByte` until the response begins, and the usual limits for its body.
    package init(firstByte: Duration) {
        self.firstByte = firstByte
        connect = min(connect, firstByte)
        total = total.map { firstByte + $0 }
    }

    /// The longest time that a request without any response takes.
    package var unanswered: Duration { min(firstByte ?? idle, total ?? .seconds(Int32.max)) }
}

/// A header field; its description omits the value, which may be a key.
package struct HTTPHeader: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    package var description: String { "\(name): ***" }
    package var customMirror: Mirror { Mirror(self, children: ["name": name]) }

    /// Whether it can be sent unchanged: a line break would start another header.
    var isWellFormed: Bool {
        !name.isEmpty && (name + value).unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    }
}

/// A complete HTTP response, of any status.
package struct HTTPResponse: Sendable {
    package var status: Int
    package var headers: [HTTPHeader]
    package var body: Data

    package init(status: Int, headers: [HTTPHeader] = [], body: Data = Data()) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first value of a header; the case of its name does not matter.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// The reason why an exchange has no complete response.
package struct TransportError: Error, Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case nameNotResolved
        case connectionRefused
        /// The certificate is not trusted: retrying does not help.
        case untrustedCertificate
        case tlsHandshake
        /// The proxy requires a login or denies access.
        case proxy
        /// A proxy variable that libcurl cannot use.
        case invalidProxy
        case timeout
        case connectionLost
        case bodyTruncated
        case bodyTooLarge
        /// Something that does not speak HTTP responded.
        case notHTTP
        case crossOriginRedirect
        case redirectLoop
        /// The server requested a pause beyond the request's deadline.
        case rateLimited
        case invalidRequest
        case other
    }

    package var kind: Kind
    /// One line, without secrets.
    package var message: String
    /// False only if it is certain that the server did not receive the whole request.
    package var mayHaveBeenProcessed: Bool
    /// The rest of the pause that the server requested, if that is the reason.
    package var retryAfter: Duration?

    package init(_ kind: Kind, _ message: String, mayHaveBeenProcessed: Bool, retryAfter: Duration? = nil) {
        self.kind = kind
        self.message = message
        self.mayHaveBeenProcessed = mayHaveBeenProcessed
        self.retryAfter = retryAfter
    }
}
