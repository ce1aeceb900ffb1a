import Clocks
import Glibc
import TestSupport
import Testing

@testable import ControlPlane

/// In processes of their own, because libcurl reads the variables of the whole process.
@Suite struct CurlProxyTests {
    private static func send(_ url: String) async throws -> HTTPResponse {
        try await CurlTransport(CurlConfiguration(version: "test"), clock: SystemClock()).send(HTTPRequest(.post, url))
    }

    @Test func `row 4: a proxy that wants a login fails at once, before the request`() async {
        await #expect(processExitsWith: .success) {
            try await FaultServer.run({ _ in .html("<html>login", status: 407) }) { proxy in
                setenv("https_proxy", proxy.url, 1)
                let error = await #expect(throws: TransportError.self) { try await Self.send("https://plane.test/") }
                #expect(error?.kind == .proxy)
                #expect(error?.mayHaveBeenProcessed == false)
                #expect(proxy.requests.map(\.method) == ["CONNECT"])
            }
        }
    }

    @Test func `a proxy is used for plain requests, and its login page is an answer with status 407`() async {
        await #expect(processExitsWith: .success) {
            try await FaultServer.run({ _ in .html("<html>login", status: 407) }) { proxy in
                setenv("http_proxy", proxy.url, 1)
                let response = try await Self.send("http://plane.test/a")
                #expect(response.status == 407)
                #expect(proxy.requests.map(\.target) == ["http://plane.test/a"])
            }
        }
    }

    @Test func `loopback never goes through a proxy`() async {
        await #expect(processExitsWith: .success) {
            try await FaultServer.run({ _ in .json("{}") }) { server in
                setenv("http_proxy", "http://127.0.0.1:1", 1)
                let response = try await Self.send(server.url)
                #expect(response.status == 200)
            }
        }
    }

    @Test func `a proxy that cannot reach the host may be tried again`() async {
        await #expect(processExitsWith: .success) {
            try await FaultServer.run({ _ in .html("<html>bad gateway", status: 502) }) { proxy in
                setenv("https_proxy", proxy.url, 1)
                let error = await #expect(throws: TransportError.self) { try await Self.send("https://plane.test/") }
                #expect(error?.kind == .connectionRefused)
                #expect(error?.mayHaveBeenProcessed == false)
            }
        }
    }
}
