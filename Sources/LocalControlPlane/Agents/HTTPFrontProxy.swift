import Clocks
import NIOCore
import NIOHTTP1
import NIOPosix

/// The one address of a deployment: relays each HTTP request to the revision that is live when the request begins.
///
/// So a switch loses nothing: a request that has begun ends where it began, and the next one on the same connection
/// goes to the new revision. Upgrades (WebSocket) are not relayed.
final class HTTPFrontProxy: FrontProxy {
    /// On loopback; stays the same for the life of the deployment.
    let port: Int
    private let clock: any RunClock
    private let listener: any Channel
    private let upstreams: UpstreamTable

    private init(port: Int, clock: any RunClock, listener: any Channel, upstreams: UpstreamTable) {
        self.port = port
        self.clock = clock
        self.listener = listener
        self.upstreams = upstreams
    }

    /// Listens on `port`, 0 for any; answers 503 until `route(to:)` is called. Throws the error of bind(2).
    static func start(port: Int, clock: any RunClock) async throws -> HTTPFrontProxy {
        let upstreams = UpstreamTable()
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 256)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                upstreams.add(client: channel)
                return channel.eventLoop.makeCompletedFuture {
                    // The answer is framed as the upstream framed it; a HEAD answer could not be told otherwise.
                    var encoding = HTTPResponseEncoder.Configuration()
                    encoding.automaticallySetFramingHeaders = false
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                        withEncoderConfiguration: encoding)
                    try channel.pipeline.syncOperations.addHandler(FrontHandler(upstreams: upstreams))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        return HTTPFrontProxy(
            port: listener.localAddress?.port ?? port, clock: clock, listener: listener, upstreams: upstreams)
    }

    /// From the next request on; nil answers 503.
    func route(to port: Int?) {
        upstreams.route(to: port)
    }

    /// Requests that have begun and not ended.
    func openRequests(to upstream: Int) -> Int {
        upstreams.openRequests(to: upstream)
    }

    /// Waits until no request is under way to `upstream`, at most until `deadline`, then cuts off what is left.
    ///
    /// Returns how many were cut off. Throws `CancellationError` only, and then leaves the rest alone.
    @discardableResult
    func drain(upstream: Int, until deadline: MonotonicInstant) async throws -> Int {
        let drained = upstreams.drained(upstream)
        let inTime: Void? = try await clock.within(clock.now.duration(to: deadline)) { try await drained.value() }
        return inTime == nil ? upstreams.cutOff(upstream) : 0
    }

    /// Waits at most `limit` for open requests to `upstream`, then cuts off the rest.
    func drain(_ upstream: Int, atMost limit: Duration) async {
        // Cancelled means that the control plane stops; the agent is stopped right after this in any case.
        _ = try? await drain(upstream: upstream, until: clock.now.advanced(by: limit))
    }

    /// Stops listening and closes all connections.
    func close() async {
        // Fails only when it is closed already.
        try? await listener.close()
        upstreams.closeClients()
    }
}

/// One client's connection: its requests come one after the other, each with an `ProxiedRequest` of its own.
final class FrontHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let upstreams: UpstreamTable
    private var exchange: ProxiedRequest?
    private var clientIsDone = false

    init(upstreams: UpstreamTable) {
        self.upstreams = upstreams
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .head(let head): begin(head, context: context)
        case .body(let bytes): exchange?.send(.body(.byteBuffer(bytes)))
        case .end(let trailers): exchange?.send(.end(trailers))
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        exchange?.clientIsWritable(context.channel.isWritable)
        context.fireChannelWritabilityChanged()
    }

    /// A client may close its side and still want the answer.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent {
            clientIsDone = true
            if exchange == nil { context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        exchange?.clientIsGone()
        exchange = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func begin(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
        let exchange = ProxiedRequest(request: head, client: context.channel) { [weak self] keepAlive in
            self?.finish(keepAlive: keepAlive, client: context.channel)
        }
        self.exchange = exchange
        if let openRequest = upstreams.begin(client: context.channel) {
            exchange.connect(openRequest, of: upstreams)
        } else {
            exchange.refuse(.serviceUnavailable, "no revision of this deployment is live")
        }
    }

    private func finish(keepAlive: Bool, client: any Channel) {
        exchange = nil
        if !keepAlive || clientIsDone { client.close(promise: nil) }
    }
}
