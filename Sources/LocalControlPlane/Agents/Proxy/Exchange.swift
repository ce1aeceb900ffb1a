import NIOCore
import NIOHTTP1
import NIOPosix

/// One request and its answer, between a client and the upstream it was given. Lives on the client's event loop.
final class Exchange {
    private let request: HTTPRequestHead
    private let client: any Channel
    private let finish: (_ keepAlive: Bool) -> Void
    private var upstream: (any Channel)?
    /// What the client sent before the connection to the upstream stood.
    private var waiting: [HTTPClientRequestPart] = []
    private var ticket: (UpstreamTable.Ticket, UpstreamTable)?
    private var requestIsComplete = false
    private var answerHasBegun = false
    private var isOver = false
    private var keepAlive: Bool

    init(request: HTTPRequestHead, client: any Channel, finish: @escaping (_ keepAlive: Bool) -> Void) {
        self.request = request
        self.client = client
        self.finish = finish
        keepAlive = request.isKeepAlive && request.version == .http1_1
    }

    func connect(_ ticket: UpstreamTable.Ticket, of table: UpstreamTable) {
        self.ticket = (ticket, table)
        waiting.append(.head(request.toUpstream))
        pauseReading(of: client, true)
        let handler = NIOLoopBound(UpstreamHandler(exchange: self), eventLoop: client.eventLoop)
        ClientBootstrap(group: client.eventLoop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connectTimeout(.seconds(5))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(handler.value)
                }
            }
            .connect(host: "127.0.0.1", port: ticket.port)
            .assumeIsolated().whenComplete { self.connected($0) }
    }

    /// From the client.
    func send(_ part: HTTPClientRequestPart) {
        if case .end = part { requestIsComplete = true }
        guard !isOver else { return }
        guard let upstream else { return waiting.append(part) }
        upstream.writeAndFlush(part, promise: nil)
    }

    /// From the upstream.
    func relay(_ part: HTTPClientResponsePart) {
        guard !isOver else { return }
        switch part {
        case .head(let head):
            let answer = head.toClient(of: request, keepAlive: keepAlive)
            keepAlive = answer.isKeepAlive
            answerHasBegun = true
            client.write(HTTPServerResponsePart.head(answer), promise: nil)
        case .body(let bytes):
            client.write(HTTPServerResponsePart.body(.byteBuffer(bytes)), promise: nil)
        case .end(let trailers):
            answered(trailers)
        }
    }

    func flush() {
        client.flush()
    }

    /// The upstream has closed, or could not be reached.
    func upstreamIsGone() {
        guard !isOver else { return }
        guard answerHasBegun else {
            return refuse(.badGateway, "the live revision closed the connection without an answer")
        }
        // The client can tell a cut answer from a whole one only by the closed connection.
        over()
        finish(false)
    }

    func clientIsGone() {
        over()
    }

    func clientIsWritable(_ isWritable: Bool) {
        if let upstream { pauseReading(of: upstream, !isWritable) }
    }

    func upstreamIsWritable(_ isWritable: Bool) {
        pauseReading(of: client, !isWritable)
    }

    /// Answers the request itself, as the control plane words its errors.
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
        answered(nil)
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
            refuse(.serviceUnavailable, "the live revision does not accept connections")
        case .failure:
            break
        }
    }

    private func answered(_ trailers: HTTPHeaders?) {
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
        if let (ticket, table) = ticket { table.end(ticket) }
        pauseReading(of: client, false)
    }

    private func pauseReading(of channel: any Channel, _ isPaused: Bool) {
        channel.setOption(.autoRead, value: !isPaused).whenFailure { _ in
            // The channel is closed: nothing is left to be read.
        }
    }
}
