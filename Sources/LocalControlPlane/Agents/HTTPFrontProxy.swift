import Clocks
import NIOCore
import NIOHTTP1
import NIOPosix
import Processes

/// The stable address of a deployment: forwards each HTTP request to the revision that is live when it begins.
///
/// A switch loses no request: an open one finishes on the old revision, and the next one on the same connection goes to
/// the new revision. Upgrades (WebSocket) are not forwarded.
final class HTTPFrontProxy: FrontProxy {
    /// On loopback; stays the same as long as the deployment exists.
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
                    // Keep the upstream's framing: the length of a HEAD response cannot be computed here.
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

    /// Takes effect with the next request; nil answers 503.
    func route(to port: Int?) {
        upstreams.route(to: port)
    }

    /// Counts requests that have begun and not ended.
    func openRequests(to upstream: Int) -> Int {
        upstreams.openRequests(to: upstream)
    }

    /// Waits until no request to `upstream` is open, at most until `deadline`, then cuts off the rest.
    ///
    /// Returns how many were cut off. Throws only `CancellationError`, and then cuts off nothing.
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
        // Fails only when it is already closed.
        try? await listener.close()
        upstreams.closeClients()
    }
}

/// One client's connection, whose requests are forwarded one after the other.
private final class FrontHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let upstreams: UpstreamTable
    private var request: ProxiedRequest?
    private var clientIsDone = false

    init(upstreams: UpstreamTable) {
        self.upstreams = upstreams
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .head(let head): begin(head, context: context)
        case .body(let bytes): request?.send(.body(.byteBuffer(bytes)))
        case .end(let trailers): request?.send(.end(trailers))
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        request?.clientIsWritable(context.channel.isWritable)
        context.fireChannelWritabilityChanged()
    }

    /// A client may close its side of the connection and still read the response.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent {
            clientIsDone = true
            if request == nil { context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        request?.clientDidClose()
        request = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func begin(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
        let request = ProxiedRequest(request: head, client: context.channel) { [weak self] keepAlive in
            self?.finish(keepAlive: keepAlive, client: context.channel)
        }
        self.request = request
        if let openRequest = upstreams.begin(client: context.channel) {
            request.connect(openRequest, of: upstreams)
        } else {
            request.refuse(.serviceUnavailable, "No revision of this deployment is live.")
        }
    }

    private func finish(keepAlive: Bool, client: any Channel) {
        request = nil
        if !keepAlive || clientIsDone { client.close(promise: nil) }
    }
}
