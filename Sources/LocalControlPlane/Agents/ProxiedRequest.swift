import NIOCore
import NIOHTTP1
import NIOPosix

/// One request and its response, between a client and the upstream chosen for it. Runs on the client's event loop.
final class ProxiedRequest {
    private let request: HTTPRequestHead
    private let client: any Channel
    private let finish: (_ keepAlive: Bool) -> Void
    private var upstream: (any Channel)?
    /// What the client sent before the upstream was connected.
    private var waiting: [HTTPClientRequestPart] = []
    private var openRequest: (UpstreamTable.OpenRequest, UpstreamTable)?
    private var requestIsComplete = false
    private var responseHasBegun = false
    private var isOver = false
    private var keepAlive: Bool

    init(request: HTTPRequestHead, client: any Channel, finish: @escaping (_ keepAlive: Bool) -> Void) {
        self.request = request
        self.client = client
        self.finish = finish
        keepAlive = request.isKeepAlive && request.version == .http1_1
    }

    func connect(_ openRequest: UpstreamTable.OpenRequest, of table: UpstreamTable) {
        self.openRequest = (openRequest, table)
        waiting.append(.head(request.toUpstream))
        pauseReading(of: client, true)
        let handler = NIOLoopBound(UpstreamHandler(self), eventLoop: client.eventLoop)
        ClientBootstrap(group: client.eventLoop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connectTimeout(.seconds(5))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(handler.value)
                }
            }
            .connect(host: "127.0.0.1", port: openRequest.port)
            .assumeIsolated().whenComplete { self.connected($0) }
    }

    /// Forwards a part of the client's request.
    func send(_ part: HTTPClientRequestPart) {
        if case .end = part { requestIsComplete = true }
        guard !isOver else { return }
        guard let upstream else { return waiting.append(part) }
        upstream.writeAndFlush(part, promise: nil)
    }

    /// Forwards a part of the upstream's response.
    func relay(_ part: HTTPClientResponsePart) {
        guard !isOver else { return }
        switch part {
        case .head(let head):
            let response = head.toClient(of: request, keepAlive: keepAlive)
            keepAlive = response.isKeepAlive
            responseHasBegun = true
            client.write(HTTPServerResponsePart.head(response), promise: nil)
        case .body(let bytes):
            client.write(HTTPServerResponsePart.body(.byteBuffer(bytes)), promise: nil)
        case .end(let trailers):
            finishResponse(trailers)
        }
    }

    func flush() {
        client.flush()
    }

    /// Call it when the upstream has closed the connection.
    func upstreamDidClose() {
        guard !isOver else { return }
        guard responseHasBegun else {
            return refuse(.badGateway, "The live revision closed the connection without a response.")
        }
        // Only the closed connection tells the client that the response was cut off.
        over()
        finish(false)
    }

    func clientDidClose() {
        over()
    }

    func clientIsWritable(_ isWritable: Bool) {
        if let upstream { pauseReading(of: upstream, !isWritable) }
    }

    func upstreamIsWritable(_ isWritable: Bool) {
        pauseReading(of: client, !isWritable)
    }

    /// Answers with an error in the form of the control plane's API.
    func refuse(_ status: HTTPResponseStatus, _ detail: String) {
        let body = ByteBuffer(string: "{\"detail\":\"\(detail)\"}\n")
        let headers: HTTPHeaders = [
            "Content-Type": "application/json", "Content-Length": String(body.readableBytes), "Connection": "close",
            "Retry-After": "1",
        ]
        client.write(
            HTTPServerResponsePart.head(.init(version: .http1_1, status: status, headers: headers)), promise: nil)
        if request.method != .HEAD { client.write(HTTPServerResponsePart.body(.byteBuffer(body)), promise: nil) }
        keepAlive = false
        finishResponse(nil)
    }

    private func connected(_ result: Result<any Channel, any Error>) {
        switch result {
        case .success(let channel) where isOver:
            channel.close(promise: nil)
        case .success(let channel):
            upstream = channel
            for part in waiting { channel.write(part, promise: nil) }
            waiting = []
            channel.flush()
            pauseReading(of: client, false)
        case .failure where !isOver:
            refuse(.serviceUnavailable, "The live revision does not accept connections.")
        case .failure:
            break
        }
    }

    private func finishResponse(_ trailers: HTTPHeaders?) {
        over()
        let keepAlive = keepAlive && requestIsComplete
        client.writeAndFlush(HTTPServerResponsePart.end(trailers)).assumeIsolated().whenComplete { _ in
            self.finish(keepAlive)
        }
    }

    private func over() {
        guard !isOver else { return }
        isOver = true
        waiting = []
        upstream?.close(promise: nil)
        if let (openRequest, table) = openRequest { table.end(openRequest) }
        pauseReading(of: client, false)
    }

    private func pauseReading(of channel: any Channel, _ isPaused: Bool) {
        channel.setOption(.autoRead, value: !isPaused).whenFailure { _ in
            // The channel is closed, so there is nothing left to read.
        }
    }
}

/// The upstream's connection of one proxied request.
private final class UpstreamHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let request: ProxiedRequest

    init(_ request: ProxiedRequest) {
        self.request = request
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        request.relay(Self.unwrapInboundIn(data))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        request.flush()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        request.upstreamIsWritable(context.channel.isWritable)
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        request.upstreamDidClose()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

extension HTTPHeaders {
    /// Without the hop-by-hop headers (RFC 9110, 7.6.1), except those that frame the body.
    fileprivate var endToEnd: HTTPHeaders {
        let named = self[canonicalForm: "Connection"].map(String.init)
        var headers = self
        for name in named + ["Connection", "Keep-Alive", "Proxy-Connection", "TE", "Upgrade"]
        where !["content-length", "transfer-encoding"].contains(name.lowercased()) {
            headers.remove(name: name)
        }
        return headers
    }
}

extension HTTPRequestHead {
    /// One connection per request, so that none stays open to a revision that is being replaced.
    var toUpstream: HTTPRequestHead {
        var head = self
        head.version = .http1_1
        head.headers = headers.endToEnd
        head.headers.add(name: "Connection", value: "close")
        return head
    }
}

extension HTTPResponseHead {
    func toClient(of request: HTTPRequestHead, keepAlive: Bool) -> HTTPResponseHead {
        var head = self
        head.version = .http1_1
        head.headers = headers.endToEnd
        var keepAlive = keepAlive
        let hasBody = request.method != .HEAD && status.mayHaveResponseBody
        if !hasBody || !headers.contains(name: "Content-Length") {
            head.headers.remove(name: "Transfer-Encoding")
        }
        if hasBody, !headers.contains(name: "Content-Length") {
            // Chunked for HTTP/1.1, whatever the upstream uses; for HTTP/1.0 the closed connection ends the response.
            if request.version == .http1_1 {
                head.headers.add(name: "Transfer-Encoding", value: "chunked")
            } else {
                keepAlive = false
            }
        }
        if !keepAlive { head.headers.add(name: "Connection", value: "close") }
        return head
    }
}
