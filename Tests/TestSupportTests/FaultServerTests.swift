import ControlPlane
import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// With a socket of our own, so that the server is not only proved right by the client it is there to prove.
@Suite struct FaultServerTests {
    /// Sends `text` and reads to the end of the connection; the error is that of the last read.
    private func exchange(_ server: FaultServer, _ text: String) -> (answer: String, error: CInt) {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        address.sin_port = UInt16(server.port).bigEndian
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        let bytes = Array(text.utf8)
        send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL))
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while answer.count < 1 << 20 {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return (String(decoding: answer, as: UTF8.self), count < 0 ? errno : 0) }
            answer += buffer.prefix(count)
        }
        return (String(decoding: answer, as: UTF8.self), 0)
    }

    private let get = "GET /a?b HTTP/1.1\r\nHost: h\r\n\r\n"

    @Test func `requests are kept with their parts, several on one connection`() async throws {
        try await FaultServer.run({ $0.target == "/end" ? .drop : .json("{}", status: 201) }) { server in
            let post = "POST /p HTTP/1.1\r\nX-A:  b \r\nContent-Length: 3\r\n\r\nabc"
            let (answer, _) = exchange(server, get + post + "GET /end HTTP/1.1\r\n\r\n")
            #expect(answer.split(separator: "HTTP/1.1 201").count == 2)
            #expect(server.requests.map(\.target) == ["/a?b", "/p", "/end"])
            #expect(server.requests.map(\.connection) == [1, 1, 1])
            let request = try #require(server.requests.dropFirst().first)
            #expect(request.body == Data("abc".utf8))
            #expect(request.header("x-a") == "b ")
            #expect(server.connectionCount == 1)
        }
    }

    @Test func `a drop closes, a reset resets, a truncated answer stops short`() async throws {
        try await FaultServer.run({ _ in .drop }) { #expect(exchange($0, get) == ("", 0)) }
        try await FaultServer.run({ _ in .reset }) { #expect(exchange($0, get) == ("", ECONNRESET)) }
        try await FaultServer.run({ _ in .truncated("0123456789", after: 4) }) { server in
            let (answer, _) = exchange(server, get)
            #expect(answer.contains("Content-Length: 10"))
            #expect(answer.hasSuffix("\r\n\r\n0123"))
        }
    }

    @Test func `a slow answer is whole in the end, an endless one has none`() async throws {
        try await FaultServer.run({ _ in .slow("abc", pause: .milliseconds(1)) }) { server in
            #expect(exchange(server, get).answer.hasSuffix("\r\n\r\nabc"))
        }
        try await FaultServer.run({ _ in .endless }) { server in
            #expect(exchange(server, get).answer.utf8.count >= 1 << 20)
        }
    }

    @Test func `a TLS handshake is told from a request`() async throws {
        try await FaultServer.run({ _ in .drop }) { server in
            _ = exchange(server, "\u{16}\u{03}\u{01}")
            #expect(server.requests.map(\.method) == ["TLS"])
        }
    }

    @Test func `stopping ends connections that are held, and may be done twice`() async throws {
        let server = try FaultServer { _ in .stall }
        async let answer = exchange(server, get)
        while server.requests.isEmpty { await Task.yield() }
        server.stop()
        server.stop()
        #expect(await answer.answer.isEmpty)
    }
}
