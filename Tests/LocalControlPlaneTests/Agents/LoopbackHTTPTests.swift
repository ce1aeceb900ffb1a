import Clocks
import NIOCore
import NIOHTTP1
import Testing

@testable import LocalControlPlane

struct LoopbackHTTPTests {
    @Test func `sends a JSON body and returns status and answer`() async throws {
        let server = try await StubUpstream.start { request in
            let type = request.head.headers.first(name: "Content-Type") ?? "none"
            return .text(
                .accepted, "\(request.head.method) \(request.head.uri) \(type) \(String(buffer: request.body))")
        }
        let http = LoopbackHTTP(clock: SystemClock(), port: server.port)
        let answer = try await http.send("POST", "/x?y=1", body: Array("{}".utf8), timeout: .seconds(30))
        #expect(answer.status == 202)
        #expect(String(decoding: answer.body, as: UTF8.self) == "POST /x?y=1 application/json {}")
        try await server.close()
    }

    @Test func `a body beyond the cap is not read to its end`() async throws {
        let server = try await StubUpstream.start { _ in
            .whole(.init(version: .http1_1, status: .ok), ByteBuffer(repeating: 1, count: 3_000_000))
        }
        let answer = try await LoopbackHTTP(clock: SystemClock(), port: server.port)
            .send("GET", "/", timeout: .seconds(30))
        #expect(answer.body.count == LoopbackHTTP.largestBody)
        try await server.close()
    }

    @Test func `silence, a closed connection and a closed port are told apart`() async throws {
        let server = try await StubUpstream.start { request in
            if request.head.uri == "/silence" { try await Latch<Void>().value() }
            return .cutOff(nil)
        }
        let http = LoopbackHTTP(clock: SystemClock(), port: server.port)
        await #expect(throws: LoopbackHTTP.Failure.timedOut) {
            try await http.send("GET", "/silence", timeout: .milliseconds(50))
        }
        await #expect(throws: (any Error).self) { try await http.send("GET", "/", timeout: .seconds(30)) }
        try await server.close()
        await #expect(throws: LoopbackHTTP.Failure.refused) { try await http.send("GET", "/", timeout: .seconds(30)) }
    }
}
