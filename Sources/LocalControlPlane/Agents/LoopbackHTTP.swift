import Clocks
import NIOCore
import NIOHTTP1
import NIOPosix
import Processes

/// Sends one request to a port of this machine, on a new connection.
struct LoopbackHTTP: Sendable {
    struct Response: Sendable {
        var status: Int
        /// At most `LoopbackHTTP.largestBody` bytes; the rest is not read.
        var body: [UInt8]
    }

    enum Failure: Error, Equatable {
        case refused, timedOut, closedEarly
    }

    let clock: any RunClock
    let port: Int
    static let largestBody = 1024 * 1024

    /// Throws `Failure`, `CancellationError`, or NIO's error for a response that is not HTTP.
    func send(_ method: String = "GET", _ path: String, body: [UInt8]? = nil, timeout: Duration) async throws
        -> Response
    {
        var headers: HTTPHeaders = ["Host": "127.0.0.1:\(port)", "Connection": "close", "Accept": "application/json"]
        if let body {
            headers.add(name: "Content-Type", value: "application/json")
            headers.add(name: "Content-Length", value: String(body.count))
        }
        let head = HTTPRequestHead(version: .http1_1, method: .init(rawValue: method), uri: path, headers: headers)
        guard let response = try await clock.within(timeout, { try await exchange(head, body: body) }) else {
            throw Failure.timedOut
        }
        return response
    }

    private func exchange(_ head: HTTPRequestHead, body: [UInt8]?) async throws -> Response {
        let connection = try await connect()
        return try await connection.executeThenClose { inbound, outbound in
            // One write: the server may respond and close as soon as it has read the head.
            let content = body.map { [HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(bytes: $0)))] } ?? []
            try await outbound.write(contentsOf: [.head(head)] + content + [.end(nil)])
            return try await read(inbound)
        }
    }

    private func connect() async throws -> NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart> {
        do {
            return try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(host: "127.0.0.1", port: port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
                    }
                }
        } catch is NIOConnectionError {
            throw Failure.refused
        }
    }

    private func read(_ parts: NIOAsyncChannelInboundStream<HTTPClientResponsePart>) async throws -> Response {
        var status: Int?
        var body: [UInt8] = []
        for try await part in parts {
            switch part {
            case .head(let head):
                status = Int(head.status.code)
            case .body(let bytes):
                body += bytes.readableBytesView.prefix(Self.largestBody - body.count)
            case .end:
                break
            }
            if let status, part.isEnd || body.count == Self.largestBody { return Response(status: status, body: body) }
        }
        try Task.checkCancellation()
        throw Failure.closedEarly
    }
}

extension HTTPClientResponsePart {
    fileprivate var isEnd: Bool {
        if case .end = self { true } else { false }
    }
}
