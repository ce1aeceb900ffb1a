import Clocks
import TestSupport
import Testing

@testable import ControlPlane

@Suite struct RedirectTests {
    private func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        try await CurlTransport(CurlConfiguration(version: "test"), clock: SystemClock()).send(request)
    }

    @Test(arguments: [301, 302, 303, 307, 308])
    func `a GET follows within its origin and keeps its headers`(status: Int) async throws {
        let reply: @Sendable (ReceivedRequest) -> FaultReply = {
            $0.target == "/old" ? .redirect(to: "/new?a=b", status: status) : .json("{}")
        }
        try await FaultServer.run(reply) { server in
            let response = try await send(
                HTTPRequest(.get, server.url + "/old", headers: [HTTPHeader("X-Api-Key", "k")]))
            #expect(response.status == 200)
            #expect(server.requests.map(\.target) == ["/old", "/new?a=b"])
            #expect(server.requests.last?.header("X-Api-Key") == "k")
        }
    }

    @Test(arguments: [HTTPRequest.Method.get, .post])
    func `row 54: a redirect to another origin is refused, and nothing goes there`(
        method: HTTPRequest.Method
    ) async throws {
        try await FaultServer.run({ _ in .json("{}") }) { other in
            let target = other.url + "/stolen"
            try await FaultServer.run({ _ in .redirect(to: target) }) { server in
                let error = await #expect(throws: TransportError.self) {
                    try await send(HTTPRequest(method, server.url + "/", headers: [HTTPHeader("X-Api-Key", "k")]))
                }
                #expect(error?.kind == .crossOriginRedirect)
                #expect(error?.message.contains("k\"") == false)
            }
            #expect(other.connectionCount == 0)
        }
    }

    @Test func `a change is not sent again elsewhere: its redirect is the answer`() async throws {
        try await FaultServer.run({ _ in .redirect(to: "/other", status: 307) }) { server in
            let response = try await send(HTTPRequest(.post, server.url + "/"))
            #expect(response.status == 307)
            #expect(server.requests.count == 1)
        }
    }

    @Test func `a loop of redirects ends after five`() async throws {
        try await FaultServer.run({ _ in .redirect(to: "/again") }) { server in
            let error = await #expect(throws: TransportError.self) {
                try await send(HTTPRequest(.get, server.url + "/"))
            }
            #expect(error?.kind == .redirectLoop)
            #expect(server.requests.count == 6)
        }
    }

    @Test func `a redirect to another scheme is another origin`() async throws {
        try await FaultServer.run({ _ in .redirect(to: "file:///etc/passwd") }) { server in
            let error = await #expect(throws: TransportError.self) {
                try await send(HTTPRequest(.get, server.url + "/"))
            }
            #expect(error?.kind == .crossOriginRedirect)
        }
    }
}
