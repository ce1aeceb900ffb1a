import Hummingbird
import NIOCore

/// Reads the rest of a request's body after its response.
///
/// A client that sends `Connection: close` may read the response only after it has sent everything; without this it
/// would wait forever. On a connection that stays open, the server already does this.
struct UnreadBodyMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: APIRequestContext, next: (Request, APIRequestContext) async throws -> Response
    ) async throws -> Response {
        guard request.headers[.connection]?.lowercased() == "close" else { return try await next(request, context) }
        let body = ResumableBody(request.body)
        var request = request
        request.body = RequestBody(asyncSequence: body)
        var response = try await next(request, context)
        let original = response.body
        response.body = ResponseBody(contentLength: original.contentLength) { writer in
            try await original.write(writer)
            for try await _ in body {}
        }
        return response
    }
}

/// The body of a request, of which a second reader gets the rest.
///
/// Unchecked: the request's handler has returned before the response is written and the rest is discarded.
private final class ResumableBody: AsyncSequence, AsyncIteratorProtocol, @unchecked Sendable {
    private var rest: RequestBody.AsyncIterator
    private var isRead = false

    init(_ body: RequestBody) { rest = body.makeAsyncIterator() }

    func makeAsyncIterator() -> ResumableBody { self }

    func next() async throws -> ByteBuffer? {
        // Reading beyond the end would wait for the connection's next request.
        guard !isRead else { return nil }
        let buffer = try await rest.next()
        isRead = buffer == nil
        return buffer
    }
}
