import Clocks
import FoundationEssentials
import TestSupport
import Testing

@testable import ControlPlane

@Suite struct CurlTransportTests {
    let clock = SystemClock()

    private func transport(_ change: (inout CurlConfiguration) -> Void = { _ in }) throws -> CurlTransport {
        var configuration = CurlConfiguration(version: "1.2.3")
        change(&configuration)
        return try CurlTransport(configuration, clock: clock)
    }

    /// What a request ends with when the server answers it with `reply`.
    private func failure(
        of reply: FaultReply, _ change: @Sendable (inout HTTPRequest) -> Void = { _ in }
    ) async throws -> TransportError? {
        try await FaultServer.run({ _ in reply }) { server in
            var request = HTTPRequest(.get, server.url + "/")
            change(&request)
            let transport = try transport()
            return try await #require(throws: TransportError.self) { try await transport.send(request) }
        }
    }

    @Test func `status, headers and body arrive unchanged`() async throws {
        try await FaultServer.run({ _ in .json(#"{"a":1}"#, status: 404, headers: [HTTPHeader("X-Trace", " t 1 ")]) }) {
            server in
            let response = try await transport().send(HTTPRequest(.get, server.url + "/a?b=c"))
            #expect(response.status == 404)
            #expect(response.header("x-trace") == "t 1")
            #expect(response.body == Data(#"{"a":1}"#.utf8))
            #expect(server.requests.first?.target == "/a?b=c")
        }
    }

    @Test(arguments: ["/a/../b", "/a/%2E%2e/b", "/a/./b//c"])
    func `a path is sent as it stands`(path: String) async throws {
        try await FaultServer.run({ _ in .answer(200) }) { server in
            _ = try await transport().send(HTTPRequest(.get, server.url + path))
            #expect(server.requests.first?.target == path)
        }
    }

    @Test func `a request has its own headers, the user agent and no Expect`() async throws {
        try await FaultServer.run({ _ in .answer(200) }) { server in
            var request = HTTPRequest(.post, server.url + "/")
            request.headers = [HTTPHeader("X-Api-Key", "k"), HTTPHeader("Content-Type", "application/json")]
            request.body = .bytes(Data(repeating: 0x61, count: 2_000_000))
            _ = try await transport().send(request)
            let received = try #require(server.requests.first)
            #expect(received.method == "POST")
            #expect(received.header("User-Agent") == "slipway/1.2.3")
            #expect(received.header("X-Api-Key") == "k")
            #expect(received.header("Content-Type") == "application/json")
            #expect(received.header("Accept-Encoding") == "gzip")
            #expect(received.header("Expect") == nil)
            #expect(received.body.count == 2_000_000)
        }
    }

    @Test(arguments: [HTTPRequest.Method.post, .put, .patch, .delete])
    func `a change without a body has length 0 and no content type`(method: HTTPRequest.Method) async throws {
        try await FaultServer.run({ _ in .answer(204) }) { server in
            _ = try await transport().send(HTTPRequest(method, server.url + "/x"))
            let received = try #require(server.requests.first)
            #expect(received.method == method.rawValue)
            #expect(received.header("Content-Type") == nil)
            #expect(received.header("Content-Length") == (method == .delete ? nil : "0"))
        }
    }

    @Test func `reads reuse connections, and a change opens a new one`() async throws {
        try await FaultServer.run({ _ in .json("{}") }) { server in
            let transport = try transport()
            for _ in 0..<20 { _ = try await transport.send(HTTPRequest(.get, server.url + "/")) }
            #expect(server.connectionCount == 1)
            _ = try await transport.send(HTTPRequest(.post, server.url + "/"))
            #expect(server.connectionCount == 2)
        }
    }

    @Test func `the number of connections to a host is limited`() async throws {
        try await FaultServer.run({ _ in .json("{}") }) { server in
            let transport = try transport { $0.connectionsPerHost = 3 }
            try await withThrowingTaskGroup { group in
                for _ in 0..<60 {
                    group.addTask { try await transport.send(HTTPRequest(.get, server.url + "/")).status }
                }
                for try await status in group { #expect(status == 200) }
            }
            #expect(server.connectionCount <= 3)
        }
    }

    @Test func `a file is sent unchanged`() async throws {
        let path = "/tmp/slipway-upload-\(UUID().uuidString)"
        let content = Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        try content.write(to: URL(filePath: path))
        // What is left behind lies in the folder for such things.
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await FaultServer.run({ _ in .answer(200) }) { server in
            let request = HTTPRequest(.put, server.url + "/o", body: .file(path: path, size: content.count))
            _ = try await transport().send(request)
            #expect(server.requests.first?.method == "PUT")
            #expect(server.requests.first?.body == content)
        }
    }

    @Test func `a missing or too short file is refused, not sent incomplete`() async throws {
        let missing = try await failure(of: .answer(200)) {
            $0.method = .put
            $0.body = .file(path: "/nonexistent/archive", size: 5)
        }
        #expect(missing?.kind == .invalidRequest)
        #expect(missing?.mayHaveBeenProcessed == false)
        let short = try await failure(of: .answer(200)) {
            $0.method = .put
            $0.body = .file(path: "/dev/null", size: 5)
        }
        #expect(short?.kind == .invalidRequest)
    }

    @Test func `row 2: a refused connection means that the request was not processed`() async throws {
        let server = try FaultServer { _ in .drop }
        server.stop()
        let error = await #expect(throws: TransportError.self) {
            try await transport().send(HTTPRequest(.post, server.url + "/"))
        }
        #expect(error?.kind == .connectionRefused)
        #expect(error?.mayHaveBeenProcessed == false)
    }

    @Test func `row 1: an unresolved name means that the request was not processed`() async throws {
        let error = await #expect(throws: TransportError.self) {
            try await transport().send(HTTPRequest(.post, "http://plane.invalid/"))
        }
        #expect(error?.kind == .nameNotResolved)
        #expect(error?.mayHaveBeenProcessed == false)
        #expect(error?.message.contains("plane.invalid") == true)
    }

    @Test(arguments: [FaultReply.drop, .reset])
    func `rows 8 and 16: after a lost connection the request may have been processed`(
        reply: FaultReply
    ) async throws {
        let error = try await failure(of: reply) { $0.method = .post }
        #expect(error?.kind == .connectionLost)
        #expect(error?.mayHaveBeenProcessed == true)
    }

    @Test func `rows 16 and 18: a body that ends early is truncated, and a reset connection is lost`() async throws {
        #expect(try await failure(of: .truncated(#"{"id":"1234567890"}"#, after: 7))?.kind == .bodyTruncated)
        let cut = try await failure(of: .truncated(#"{"id":"1234567890"}"#, after: 7, thenReset: true))
        #expect(cut?.kind == .connectionLost)
    }

    @Test func `row 17: a stalled response ends at the idle limit`() async throws {
        for reply in [FaultReply.stall, .stalled(#"{"id":1}"#)] {
            let error = try await failure(of: reply) { $0.limits.idle = .milliseconds(40) }
            #expect(error?.kind == .timeout)
            #expect(error?.mayHaveBeenProcessed == true)
        }
    }

    @Test func `row 17: a response may begin later than the idle limit, up to a limit of its own`() async throws {
        let limits: @Sendable (inout HTTPRequest) -> Void = {
            $0.limits = HTTPLimits(firstByte: .milliseconds(400))
            $0.limits.idle = .milliseconds(20)
        }
        try await FaultServer.run({ _ in .late(by: .milliseconds(100), .json("{}", status: 201)) }) { server in
            var request = HTTPRequest(.post, server.url + "/")
            limits(&request)
            let response = try await transport().send(request)
            #expect(response.status == 201)
            #expect(server.requests.count == 1)
        }
        let silent = try await failure(of: .stall) {
            limits(&$0)
            $0.limits.firstByte = .milliseconds(60)
        }
        #expect(silent?.kind == .timeout)
        #expect(silent?.message.contains("no response within") == true)
        #expect(silent?.mayHaveBeenProcessed == true)
        let stalled = try await failure(of: .stalled(#"{"id":1}"#)) {
            limits(&$0)
            $0.limits.firstByte = .seconds(60)
        }
        #expect(stalled?.message.contains("without data") == true)
    }

    @Test func `row 4: a server that does not speak HTTP has its own kind of error`() async throws {
        #expect(try await failure(of: .raw("SSH-2.0-OpenSSH_9.6\r\n"))?.kind == .notHTTP)
    }

    @Test func `rows 8 to 10: a change is never sent on a connection that the server may have closed`() async throws {
        let reply: @Sendable (ReceivedRequest) -> FaultReply = {
            $0.method == "GET" ? .json("{}") : .json("{}", status: 201)
        }
        let seen = Locked<Set<Int>>([])
        try await FaultServer.run({ request in
            // The second request of a connection meets its end, as after an idle timeout of the server.
            seen.withLock { $0.insert(request.connection).inserted } ? reply(request) : .drop
        }) { server in
            let transport = try transport()
            for method in [HTTPRequest.Method.get, .post, .get, .patch, .delete] {
                _ = try await transport.send(HTTPRequest(method, server.url + "/"))
            }
            let changes = server.requests.filter { $0.method != "GET" }
            #expect(changes.map(\.method) == ["POST", "PATCH", "DELETE"])
            #expect(Set(changes.map(\.connection)).count == 3)
        }
    }

    @Test func `row 17: a slow body ends at the total limit`() async throws {
        let reply = FaultReply.slow(String(repeating: " ", count: 10_000), pause: .milliseconds(5))
        let error = try await failure(of: reply) { $0.limits.total = .milliseconds(60) }
        #expect(error?.kind == .timeout)
    }

    @Test func `row 17: an endless body stops at the size limit`() async throws {
        let error = try await failure(of: .endless) { $0.limits.bodyBytes = 300_000 }
        #expect(error?.kind == .bodyTooLarge)
    }

    @Test func `a deadline ends an attempt, and a past deadline prevents it`() async throws {
        let soon = clock.now.advanced(by: .milliseconds(40))
        #expect(try await failure(of: .stall) { $0.deadline = soon }?.kind == .timeout)
        let past = clock.now
        let late = try await failure(of: .answer(200)) { $0.deadline = past }
        #expect(late?.kind == .timeout)
        #expect(late?.mayHaveBeenProcessed == false)
    }

    @Test func `a deadline also ends a request that waits for a connection`() async throws {
        try await FaultServer.run({ _ in .stall }) { server in
            let transport = try transport { $0.connectionsPerHost = 1 }
            let deadline = clock.now.advanced(by: .milliseconds(60))
            let requests = (0..<4).map { HTTPRequest(.post, server.url + "/\($0)", deadline: deadline) }
            await withTaskGroup { group in
                for request in requests {
                    group.addTask {
                        await #expect(throws: TransportError.self) { try await transport.send(request) }
                    }
                }
                let errors = await group.reduce(into: [TransportError]()) { $0 += $1.map { [$0] } ?? [] }
                #expect(errors.map(\.kind) == [.timeout, .timeout, .timeout, .timeout])
                #expect(errors.count { $0.mayHaveBeenProcessed } == server.requests.count)
            }
        }
    }

    @Test func `a gzip body is decoded, and the size limit applies to the decoded bytes`() async throws {
        let packed = try #require(Data(base64Encoded: "H4sIAAAAAAACA6tWSlSyMtRRSlKyMqoFAIPOQc8NAAAA"))
        try await FaultServer.run({ _ in .gzip(packed) }) { server in
            let response = try await transport().send(HTTPRequest(.get, server.url + "/"))
            #expect(response.body == Data(#"{"a":1,"b":2}"#.utf8))
        }
        let error = try await failure(of: .gzip(packed)) { $0.limits.bodyBytes = 5 }
        #expect(error?.kind == .bodyTooLarge)
    }

    @Test func `a value with a line break cannot add a header`() async throws {
        let error = try await failure(of: .answer(200)) { $0.headers = [HTTPHeader("X-Api-Key", "k\r\nX-Evil: 1")] }
        #expect(error?.kind == .invalidRequest)
        #expect(error?.message.contains("k\r") == false)
    }

    @Test(arguments: ["file:///etc/passwd", "ftp://127.0.0.1/", "nonsense", "", "http://"])
    func `schemes other than http and https are refused`(url: String) async throws {
        let error = await #expect(throws: TransportError.self) { try await transport().send(HTTPRequest(.get, url)) }
        #expect(error?.kind == .invalidRequest)
    }

    @Test func `shutting down ends requests in progress and prevents further ones`() async throws {
        try await FaultServer.run({ _ in .stall }) { server in
            let transport = try transport()
            async let underWay: Void = {
                await #expect(throws: TransportError.self) {
                    try await transport.send(HTTPRequest(.get, server.url + "/"))
                }
            }()
            while server.requests.isEmpty { await Task.yield() }
            transport.shutDown()
            await underWay
            await #expect(throws: TransportError.self) { try await transport.send(HTTPRequest(.get, server.url + "/")) }
            #expect(server.requests.count == 1)
        }
    }
}

@Suite struct RedirectTests {
    private func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        try await CurlTransport(CurlConfiguration(version: "test"), clock: SystemClock()).send(request)
    }

    @Test(arguments: [301, 302, 303, 307, 308])
    func `a GET follows redirects within its origin and keeps its headers`(status: Int) async throws {
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
    func `row 54: a redirect to another origin is refused and not followed`(
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

    @Test func `a change does not follow a redirect: the redirect is the response`() async throws {
        try await FaultServer.run({ _ in .redirect(to: "/other", status: 307) }) { server in
            let response = try await send(HTTPRequest(.post, server.url + "/"))
            #expect(response.status == 307)
            #expect(server.requests.count == 1)
        }
    }

    private static func archive(_ content: String) throws -> String {
        let path = "/tmp/slipway-upload-\(UUID().uuidString)"
        try Data(content.utf8).write(to: URL(filePath: path))
        return path
    }

    @Test(arguments: [307, 308])
    func `row 54: an upload without a key follows a redirect to another host with its whole body`(
        status: Int
    ) async throws {
        let path = try Self.archive("archive")
        // What is left behind lies in the folder for such things.
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await FaultServer.run({ _ in .answer(200) }) { storage in
            let target = storage.url + "/bucket?sig=1"
            try await FaultServer.run({ _ in .redirect(to: target, status: status) }) { server in
                var request = HTTPRequest(.put, server.url + "/o", body: .file(path: path, size: 7))
                request.redirects = .toAnyOrigin
                let response = try await send(request)
                #expect(response.status == 200)
                #expect(server.requests.map(\.body) == [Data("archive".utf8)])
            }
            #expect(storage.requests.map(\.target) == ["/bucket?sig=1"])
            #expect(storage.requests.map(\.body) == [Data("archive".utf8)])
        }
    }

    @Test func `row 54: neither a credential nor another method follows a redirect to another host`() async throws {
        try await FaultServer.run({ _ in .json("{}") }) { other in
            let target = other.url + "/"
            try await FaultServer.run({ .redirect(to: target, status: $0.target == "/302" ? 302 : 307) }) { server in
                var keyed = HTTPRequest(.put, server.url + "/", headers: [HTTPHeader("Authorization", "Bearer t")])
                keyed.redirects = .toAnyOrigin
                var found = HTTPRequest(.put, server.url + "/302")
                found.redirects = .toAnyOrigin
                for request in [keyed, found] {
                    let error = await #expect(throws: TransportError.self) { try await send(request) }
                    #expect(error?.kind == .crossOriginRedirect)
                }
            }
            #expect(other.connectionCount == 0)
        }
    }

    @Test func `a redirect loop ends after five redirects`() async throws {
        try await FaultServer.run({ _ in .redirect(to: "/again") }) { server in
            let error = await #expect(throws: TransportError.self) {
                try await send(HTTPRequest(.get, server.url + "/"))
            }
            #expect(error?.kind == .redirectLoop)
            #expect(server.requests.count == 6)
        }
    }

    @Test func `a redirect to another scheme is refused`() async throws {
        try await FaultServer.run({ _ in .redirect(to: "file:///etc/passwd") }) { server in
            let error = await #expect(throws: TransportError.self) {
                try await send(HTTPRequest(.get, server.url + "/"))
            }
            #expect(error?.kind == .crossOriginRedirect)
        }
    }
}
