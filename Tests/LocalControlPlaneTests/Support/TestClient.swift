import NIOCore
import NIOHTTP1
import NIOPosix

/// One connection of a client that sends several requests over it.
struct TestClient {
    struct Response: Equatable {
        var status: HTTPResponseStatus
        var headers: HTTPHeaders
        var body: ByteBuffer
        var text: String { String(buffer: body) }
    }

    struct CutOff: Error {}

    private var parts: NIOAsyncChannelInboundStream<HTTPClientResponsePart>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<HTTPClientRequestPart>
    private let channel: any Channel

    static func connected<Result: Sendable>(
        to port: Int, _ body: (inout TestClient) async throws -> Result
    ) async throws -> Result {
        let connection = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    return try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(
                        wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
        return try await connection.executeThenClose { inbound, outbound in
            var client = TestClient(
                parts: inbound.makeAsyncIterator(), outbound: outbound, channel: connection.channel)
            return try await body(&client)
        }
    }

    mutating func send(
        _ method: HTTPMethod = .GET, _ path: String = "/", version: HTTPVersion = .http1_1, body: ByteBuffer? = nil,
        thenHalfClose: Bool = false
    ) async throws -> Response {
        var headers: HTTPHeaders = ["Host": "127.0.0.1"]
        if let body { headers.add(name: "Content-Length", value: String(body.readableBytes)) }
        let head = HTTPClientRequestPart.head(.init(version: version, method: method, uri: path, headers: headers))
        // In one piece: the server may answer and close as soon as it has seen the head.
        try await outbound.write(
            contentsOf: [head] + [body.map { .body(.byteBuffer($0)) }].compactMap(\.self) + [.end(nil)])
        if thenHalfClose { try await channel.close(mode: .output) }
        return try await answer()
    }

    /// True once the other side has closed the connection.
    mutating func isClosed() async throws -> Bool {
        try await parts.next() == nil
    }

    private mutating func answer() async throws -> Response {
        var answer: Response?
        while let part = try await parts.next() {
            switch part {
            case .head(let head): answer = Response(status: head.status, headers: head.headers, body: ByteBuffer())
            case .body(var bytes): answer?.body.writeBuffer(&bytes)
            case .end: if let answer { return answer }
            }
        }
        throw CutOff()
    }
}
