/// Why the control plane did not do what was asked, and what to do about it.
package struct ControlPlaneError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: String, Sendable, CaseIterable {
        /// No answer, after all the retries.
        case unreachable
        case certificate
        case proxy
        case redirected
        /// 401 or 403.
        case unauthorised
        case notFound
        case conflict
        /// 400, 422 and other refusals of the request as it is.
        case rejected
        case rateLimited
        /// 5xx on a read.
        case serverError
        /// A change whose answer was lost: it may have been made or not.
        case ambiguous
        /// This control plane is older than the endpoint.
        case notSupported
        /// An answer that is not what the API documents, again and again.
        case undecodable
        /// A local file could not be sent.
        case unreadableFile
        /// The address, the key or the workspace given to us is missing or malformed.
        case configuration
    }

    package var kind: Kind
    /// What failed, where and why; without secrets.
    package var message: String
    /// What to do next, naming the flag or variable.
    package var hint: String?
    /// The HTTP status, when there was an answer.
    package var status: Int?
    /// Such as `GET /v2/deployments/{id}`.
    package var endpoint: String?

    package init(
        _ kind: Kind, _ message: String, hint: String? = nil, status: Int? = nil, endpoint: String? = nil
    ) {
        self.kind = kind
        self.message = message
        self.hint = hint
        self.status = status
        self.endpoint = endpoint
    }

    package var description: String {
        hint.map { "\(message) (\($0))" } ?? message
    }
}
