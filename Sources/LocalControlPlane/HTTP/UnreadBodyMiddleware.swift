import Hummingbird
import NIOCore

/// Takes in what a client still sends after its request was answered.
///
/// A client that announces to close the connection may read the answer only once it has sent everything: without this it
/// would wait for ever. On a connection that stays open the server does the same by itself.
struct UnreadBodyMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: APIRequestContext, next: (Request, APIRequestContext) async throws -> Response
    ) async throws -> Response {
        guard request.headers[.connection]?.lowercased() == "close" else { return try await next(request, context) }
        let body = ResumableBody(request.body)
        var request = request
        request.body = RequestBody(asyncSequence: body)
        var response = try await next(request, context)
        let answer = response.body
        response.body = ResponseBody(contentLength: answer.contentLength) { writer in
            try await answer.write(writer)
            for try await _ in body {}
        }
        return response
    }
}

/// The body of a request as one reading, which the next reader goes on with.
///
/// Unchecked: who handles the request has ended before its answer is written and the rest is discarded.
private final class ResumableBody: AsyncSequence, AsyncIteratorProtocol, @unchecked Sendable {
    private var rest: RequestBody.AsyncIterator
    private var isRead = false

    init(_ body: RequestBody) { rest = body.makeAsyncIterator() }

    func makeAsyncIterator() -> ResumableBody { self }

    func next() async throws -> ByteBuffer? {
        // Read beyond its end, it would wait for the connection's next request.
        guard !isRead else { return nil }
        let buffer = try await rest.next()
        isRead = buffer == nil
        return buffer
    }
}
