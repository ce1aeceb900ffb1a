package import Clocks
import NIOCore
import NIOHTTP1
import NIOPosix

/// The one address of a deployment: relays each HTTP request to the revision that is live when the request begins.
///
/// So a switch loses nothing: a request that has begun ends where it began, and the next one on the same connection
/// goes to the new revision. Upgrades (WebSocket) are not relayed.
package final class FrontProxy: Sendable {
    /// On loopback; stays the same for the life of the deployment.
    package let port: Int
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
    package static func start(port: Int, clock: any RunClock) async throws -> FrontProxy {
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
        return FrontProxy(
            port: listener.localAddress?.port ?? port, clock: clock, listener: listener, upstreams: upstreams)
    }

    /// From the next request on; nil answers 503.
    package func route(to port: Int?) {
        upstreams.route(to: port)
    }

    /// Requests that have begun and not ended.
    package func openRequests(to upstream: Int) -> Int {
        upstreams.openRequests(to: upstream)
    }

    /// Waits until no request is under way to `upstream`, at most until `deadline`, then cuts off what is left.
    ///
    /// Returns how many were cut off. Throws `CancellationError` only, and then leaves the rest alone.
    @discardableResult
    package func drain(upstream: Int, until deadline: MonotonicInstant) async throws -> Int {
        let drained = upstreams.drained(upstream)
        let inTime: Void? = try await clock.within(clock.now.duration(to: deadline)) { try await drained.value() }
        return inTime == nil ? upstreams.cutOff(upstream) : 0
    }

    /// Stops listening and closes all connections.
    package func close() async {
        // Fails only when it is closed already.
        try? await listener.close()
        upstreams.closeClients()
    }
}
