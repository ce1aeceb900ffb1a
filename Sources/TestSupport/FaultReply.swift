package import ControlPlane
package import FoundationEssentials

/// The steps with which a `FaultServer` replies to one request.
package struct FaultReply: Sendable {
    package enum Step: Sendable {
        case write(Data)
        /// Ends early when the client disconnects or the server is stopped.
        case wait(Duration)
        /// Sends nothing until the client disconnects or the server is stopped.
        case hold
        /// The same bytes until the client disconnects.
        case writeForever(Data)
        /// Ends the connection with RST.
        case reset
    }

    package var steps: [Step]
    package var keepsConnection = false

    package init(_ steps: [Step]) {
        self.steps = steps
    }

    /// A complete response; the connection stays open.
    package static func answer(_ status: Int, headers: [HTTPHeader] = [], body: Data = Data()) -> FaultReply {
        var reply = FaultReply([.write(head(status, headers: headers, length: body.count) + body)])
        reply.keepsConnection = true
        return reply
    }

    package static func json(_ text: String, status: Int = 200, headers: [HTTPHeader] = []) -> FaultReply {
        answer(status, headers: [HTTPHeader("Content-Type", "application/json")] + headers, body: Data(text.utf8))
    }

    package static func html(_ text: String, status: Int = 200) -> FaultReply {
        answer(status, headers: [HTTPHeader("Content-Type", "text/html")], body: Data(text.utf8))
    }

    package static func redirect(to url: String, status: Int = 302) -> FaultReply {
        answer(status, headers: [HTTPHeader("Location", url)])
    }

    /// `gzipped` is sent unchanged.
    package static func gzip(_ gzipped: Data) -> FaultReply {
        answer(200, headers: [HTTPHeader("Content-Encoding", "gzip")], body: gzipped)
    }

    /// These bytes instead of a response, then the end of the connection.
    package static func raw(_ text: String) -> FaultReply { FaultReply([.write(Data(text.utf8))]) }

    /// Nothing for a while, then another reply.
    package static func late(by pause: Duration, _ reply: FaultReply) -> FaultReply {
        var late = reply
        late.steps.insert(.wait(pause), at: 0)
        return late
    }

    /// Closes the connection without a response.
    package static let drop = FaultReply([])
    package static let reset = FaultReply([.reset])
    package static let stall = FaultReply([.hold])

    /// The first `count` bytes of a response with the length of the whole `text`, then the end of the connection.
    package static func truncated(_ text: String, after count: Int, thenReset: Bool = false) -> FaultReply {
        let body = Data(text.utf8)
        let steps: [Step] = [.write(head(200, headers: [], length: body.count) + body.prefix(count))]
        return FaultReply(steps + (thenReset ? [.reset] : []))
    }

    /// `text` in pieces of one byte, with a pause before each.
    package static func slow(_ text: String, pause: Duration) -> FaultReply {
        let body = Data(text.utf8)
        let pieces = body.flatMap { [Step.wait(pause), .write(Data([$0]))] }
        return FaultReply([.write(head(200, headers: [], length: body.count))] + pieces)
    }

    /// The head of a response and half of its body, then nothing.
    package static func stalled(_ text: String) -> FaultReply {
        let body = Data(text.utf8)
        return FaultReply([.write(head(200, headers: [], length: body.count) + body.prefix(body.count / 2)), .hold])
    }

    /// A body without an end.
    package static let endless = FaultReply([
        .write(head(200, headers: [HTTPHeader("Connection", "close")], length: nil)),
        .writeForever(Data(repeating: 0x20, count: 65_536)),
    ])

    private static func head(_ status: Int, headers: [HTTPHeader], length: Int?) -> Data {
        let length = length.map { [HTTPHeader("Content-Length", String($0))] } ?? []
        let lines = (headers + length).map { "\($0.name): \($0.value)\r\n" }
        return Data("HTTP/1.1 \(status) Status\r\n\(lines.joined())\r\n".utf8)
    }
}
