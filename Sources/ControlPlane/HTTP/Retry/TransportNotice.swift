/// What a person who waits should know about the way to the server.
package enum TransportNotice: Sendable, Equatable {
    /// The first failure of a row of them; attempts go on.
    case outageBegan(String)
    /// The first good answer after an outage of this length.
    case recovered(after: Duration)
    /// The server asked for a pause, which all requests to it keep.
    case rateLimited(for: Duration)
}
