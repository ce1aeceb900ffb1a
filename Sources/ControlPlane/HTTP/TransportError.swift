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
