import ControlPlane
import TestSupport
import Testing

@Suite struct StubTransportTests {
    let stub = StubTransport()

    private func status(_ url: String, _ method: HTTPRequest.Method = .get) async throws -> Int {
        try await stub.send(HTTPRequest(method, url)).status
    }

    @Test func `replies come in the order of the script`() async throws {
        stub.on(.get, "/a", .status(500), .fails(.timeout), .json("{}"))
        #expect(try await status("https://h/a?x=y") == 500)
        await #expect(throws: TransportError(.timeout, "timeout", mayHaveBeenProcessed: true)) {
            try await status("https://h/a")
        }
        #expect(try await status("https://h:8/a") == 200)
        #expect(stub.requests.map(\.url) == ["https://h/a?x=y", "https://h/a", "https://h:8/a"])
    }

    @Test func `method, path and, where given, query tell requests apart`() async throws {
        stub.on(.post, "/a", .status(201))
        stub.on(.get, "/a?x=1", .status(202))
        stub.on(.get, "/", .status(203))
        #expect(try await status("https://h/a?x=1") == 202)
        #expect(try await status("https://h/a", .post) == 201)
        #expect(try await status("https://h") == 203)
        stub.expectAllUsed()
    }

    @Test func `a reply to every request must be asked for at least once`() async throws {
        stub.onEvery(.get, "/a", .status(200))
        #expect(stub.unused == ["GET /a"])
        for _ in 0..<3 { #expect(try await status("https://h/a") == 200) }
        #expect(stub.unused.isEmpty)
    }

    @Test func `a request that is not in the script fails the test`() async {
        await withKnownIssue { await #expect(throws: TransportError.self) { try await status("https://h/b") } }
    }

    @Test func `a part of the script that is left over fails the test`() async throws {
        stub.on(.get, "/a", .status(200), .status(200))
        _ = try await status("https://h/a")
        #expect(stub.unused == ["GET /a"])
        withKnownIssue { stub.expectAllUsed() }
    }

    @Test func `silence lasts until the task is cancelled`() async {
        stub.on(.get, "/a", .silence)
        let stub = stub
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(throws: CancellationError.self) { try await stub.send(HTTPRequest(.get, "https://h/a")) }
            }
            group.cancelAll()
        }
    }
}
