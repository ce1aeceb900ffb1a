import NIOCore
import NIOHTTP1

/// One client's connection: its requests come one after the other, each with an `Exchange` of its own.
final class FrontHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let upstreams: UpstreamTable
    private var exchange: Exchange?
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
        let exchange = Exchange(request: head, client: context.channel) { [weak self] keepAlive in
            self?.finish(keepAlive: keepAlive, client: context.channel)
        }
        self.exchange = exchange
        if let ticket = upstreams.begin(client: context.channel) {
            exchange.connect(ticket, of: upstreams)
        } else {
            exchange.refuse(.serviceUnavailable, "no revision of this deployment is live")
        }
    }

    private func finish(keepAlive: Bool, client: any Channel) {
        exchange = nil
        if !keepAlive || clientIsDone { client.close(promise: nil) }
    }
}
