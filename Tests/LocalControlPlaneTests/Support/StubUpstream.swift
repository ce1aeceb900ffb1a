import NIOCore
import NIOHTTP1
import NIOPosix

/// An HTTP server in the test's own process, that answers as it is told.
final class StubUpstream: Sendable {
    struct Request: Sendable {
        var head: HTTPRequestHead
        var body: ByteBuffer
    }

    enum Response: Sendable {
        case text(HTTPResponseStatus, String)
        case whole(HTTPResponseHead, ByteBuffer)
        /// Closes the connection, after the head when there is one.
        case cutOff(HTTPResponseHead?)
    }

    let port: Int
    private let listener: any Channel

    private init(listener: any Channel) {
        self.listener = listener
        port = listener.localAddress?.port ?? 0
    }

    static func start(_ answer: @escaping @Sendable (Request) async throws -> Response) async throws -> StubUpstream {
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(StubHandler(answer: answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return StubUpstream(listener: listener)
    }

    static func start(named name: String) async throws -> StubUpstream {
        try await start { _ in .text(.ok, name) }
    }

    func close() async throws {
        try await listener.close()
    }
}

private final class StubHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: @Sendable (StubUpstream.Request) async throws -> StubUpstream.Response
    private var request: StubUpstream.Request?

    init(answer: @escaping @Sendable (StubUpstream.Request) async throws -> StubUpstream.Response) {
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .head(let head): request = .init(head: head, body: ByteBuffer())
        case .body(var bytes): request?.body.writeBuffer(&bytes)
        case .end:
            guard let request else { return }
            let channel = context.channel
            let isKeepAlive = request.head.isKeepAlive
            channel.eventLoop.makeFutureWithTask { [answer] in try await answer(request) }
                .whenComplete { Self.write($0, to: channel, keepAlive: isKeepAlive) }
        }
    }

    private static func write(
        _ answer: Result<StubUpstream.Response, any Error>, to channel: any Channel, keepAlive: Bool
    ) {
        switch answer {
        case .success(.text(let status, let text)):
            let body = ByteBuffer(string: text)
            let headers: HTTPHeaders = ["Content-Length": String(body.readableBytes)]
            write(.init(version: .http1_1, status: status, headers: headers), body, to: channel, keepAlive: keepAlive)
        case .success(.whole(let head, let body)):
            write(head, body, to: channel, keepAlive: keepAlive)
        case .success(.cutOff(let head?)):
            channel.writeAndFlush(HTTPServerResponsePart.head(head)).whenComplete { _ in channel.close(promise: nil) }
        case .success(.cutOff(nil)), .failure:
            channel.close(promise: nil)
        }
    }

    private static func write(_ head: HTTPResponseHead, _ body: ByteBuffer, to channel: any Channel, keepAlive: Bool) {
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        channel.write(HTTPServerResponsePart.body(.byteBuffer(body)), promise: nil)
        let written = channel.writeAndFlush(HTTPServerResponsePart.end(nil))
        if !keepAlive { written.whenComplete { _ in channel.close(promise: nil) } }
    }
}
