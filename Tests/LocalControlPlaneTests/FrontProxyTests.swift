import Clocks
import Foundation
import NIOCore
import NIOHTTP1
import Processes
import Testing

@testable import LocalControlPlane

@Suite(.timeLimit(.minutes(2)))
struct FrontProxyTests {
    private let clock = SystemClock()

    @Test func `without an upstream it answers 503 and closes the connection`() async throws {
        let proxy = try await HTTPFrontProxy.start(port: 0, clock: clock)
        try await TestClient.connected(to: proxy.port) { (client: inout TestClient) async throws in
            let answer = try await client.send()
            #expect(answer.status == .serviceUnavailable)
            #expect(answer.headers.first(name: "Content-Type") == "application/json")
            #expect(answer.text == #"{"detail":"No revision of this deployment is live."}"# + "\n")
            #expect(try await client.isClosed())
        }
        await proxy.close()
    }

    @Test func `the next request on an open connection follows the new route`() async throws {
        let proxy = try await HTTPFrontProxy.start(port: 0, clock: clock)
        let blue = try await StubUpstream.start(named: "blue")
        let green = try await StubUpstream.start(named: "green")
        proxy.route(to: blue.port)
        try await TestClient.connected(to: proxy.port) { (client: inout TestClient) async throws in
            #expect(try await client.send().text == "blue")
            proxy.route(to: green.port)
            #expect(try await client.send().text == "green")
            proxy.route(to: nil)
            #expect(try await client.send().status == .serviceUnavailable)
        }
        await proxy.close()
    }

    @Test func `no request fails during switches under load`() async throws {
        let proxy = try await HTTPFrontProxy.start(port: 0, clock: clock)
        let names = ["blue", "green"]
        var upstreams: [StubUpstream] = []
        for name in names { upstreams.append(try await StubUpstream.start(named: name)) }
        proxy.route(to: upstreams[0].port)

        let answers = try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    try await TestClient.connected(to: proxy.port) { (client: inout TestClient) async throws in
                        var texts: [String] = []
                        for _ in 0..<100 { texts.append(try await client.send(.POST, body: .init(string: "x")).text) }
                        return texts
                    }
                }
            }
            for turn in 1...40 {
                let old = upstreams[(turn + 1) % 2].port
                proxy.route(to: upstreams[turn % 2].port)
                let cut = try await proxy.drain(upstream: old, until: clock.now.advanced(by: .seconds(60)))
                #expect(cut == 0)
                #expect(proxy.openRequests(to: old) == 0)
            }
            return try await group.reduce(into: [String]()) { $0 += $1 }
        }
        #expect(answers.count == 800)
        #expect(Set(answers).isSubset(of: names))
        await proxy.close()
    }

    @Test func `a drain waits for an open request, which the old upstream finishes`() async throws {
        let proxy = try await HTTPFrontProxy.start(port: 0, clock: clock)
        let (begun, release) = (AsyncPromise<Void>(), AsyncPromise<Void>())
        let blue = try await StubUpstream.start { _ in
            begun.fulfill(with: ())
            try await release.value()
            return .text(.ok, "blue")
        }
        let green = try await StubUpstream.start(named: "green")
        proxy.route(to: blue.port)
        async let old = TestClient.connected(to: proxy.port) { client in try await client.send().text }
        try await begun.value()
        proxy.route(to: green.port)
        #expect(proxy.openRequests(to: blue.port) == 1)
        async let cut = proxy.drain(upstream: blue.port, until: clock.now.advanced(by: .seconds(60)))
        let new = try await TestClient.connected(to: proxy.port) { client in try await client.send().text }
        #expect(new == "green")
        release.fulfill(with: ())
        #expect(try await cut == 0)
        #expect(try await old == "blue")
        await proxy.close()
    }

    @Test func `a drain cuts off open requests at its deadline`() async throws {
        let proxy = try await HTTPFrontProxy.start(port: 0, clock: clock)
        let begun = AsyncPromise<Void>()
        let blue = try await StubUpstream.start { _ in
            begun.fulfill(with: ())
            try await AsyncPromise<Void>().value()
            return .cutOff(nil)
        }
        proxy.route(to: blue.port)
        async let old = TestClient.connected(to: proxy.port) { (client: inout TestClient) async throws in
            await #expect(throws: TestClient.CutOff.self) { try await client.send() }
        }
        try await begun.value()
        proxy.route(to: nil)
        #expect(try await proxy.drain(upstream: blue.port, until: clock.now) == 1)
        _ = try await old
        await proxy.close()
    }

    @Test func `a client that closes its side still gets the response`() async throws {
        let proxy = try await HTTPFrontProxy.start(port: 0, clock: clock)
        let blue = try await StubUpstream.start { request in .text(.ok, String(buffer: request.body)) }
        proxy.route(to: blue.port)
        try await TestClient.connected(to: proxy.port) { (client: inout TestClient) async throws in
            let answer = try await client.send(.POST, body: .init(string: "last words"), thenHalfClose: true)
            #expect(answer.text == "last words")
            #expect(try await client.isClosed())
        }
        await proxy.close()
    }

    @Test func `large bodies are forwarded both ways`() async throws {
        let proxy = try await HTTPFrontProxy.start(port: 0, clock: clock)
        let blue = try await StubUpstream.start { request in
            .whole(.init(version: .http1_1, status: .created), request.body)
        }
        proxy.route(to: blue.port)
        let body = ByteBuffer(repeating: 7, count: 20 * 1024 * 1024)
        try await TestClient.connected(to: proxy.port) { (client: inout TestClient) async throws in
            let answer = try await client.send(.PUT, body: body)
            #expect(answer.status == .created)
            #expect(answer.body == body)
        }
        await proxy.close()
    }

    @Test func `a HEAD response keeps its length and the connection stays usable`() async throws {
        let proxy = try await HTTPFrontProxy.start(port: 0, clock: clock)
        let blue = try await StubUpstream.start { request in
            let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["Content-Length": "4"])
            return .whole(head, ByteBuffer(string: request.head.method == .HEAD ? "" : "blue"))
        }
        proxy.route(to: blue.port)
        try await TestClient.connected(to: proxy.port) { (client: inout TestClient) async throws in
            #expect(try await client.send(.HEAD).headers.first(name: "Content-Length") == "4")
            #expect(try await client.send().text == "blue")
        }
        await proxy.close()
    }

    @Test func `a response that ends by closing is forwarded in chunks`() async throws {
        let proxy = try await HTTPFrontProxy.start(port: 0, clock: clock)
        let old = HTTPVersion(major: 1, minor: 0)
        let blue = try await StubUpstream.start { _ in
            .whole(.init(version: old, status: .ok), ByteBuffer(string: "until the end"))
        }
        proxy.route(to: blue.port)
        try await TestClient.connected(to: proxy.port) { (client: inout TestClient) async throws in
            let answer = try await client.send()
            #expect(answer.text == "until the end")
            #expect(answer.headers.first(name: "Transfer-Encoding") == "chunked")
            #expect(try await client.send().text == "until the end")
        }
        try await TestClient.connected(to: proxy.port) { (client: inout TestClient) async throws in
            let answer = try await client.send(version: old)
            #expect(answer.text == "until the end")
            #expect(!answer.headers.contains(name: "Transfer-Encoding"))
        }
        await proxy.close()
    }

    @Test func `a failed upstream never looks like a complete response`() async throws {
        let proxy = try await HTTPFrontProxy.start(port: 0, clock: clock)
        let blue = try await StubUpstream.start { request in
            let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["Content-Length": "4"])
            return .cutOff(request.head.uri == "/head" ? head : nil)
        }
        proxy.route(to: blue.port)
        try await TestClient.connected(to: proxy.port) { (client: inout TestClient) async throws in
            #expect(try await client.send().status == .badGateway)
        }
        await #expect(throws: (any Error).self) {
            try await TestClient.connected(to: proxy.port) { client in try await client.send(.GET, "/head") }
        }
        try await blue.close()
        try await TestClient.connected(to: proxy.port) { (client: inout TestClient) async throws in
            #expect(try await client.send().status == .serviceUnavailable)
        }
        #expect(proxy.openRequests(to: blue.port) == 0)
        await proxy.close()
    }

    @Test func `a client that disconnects frees its upstream`() async throws {
        let proxy = try await HTTPFrontProxy.start(port: 0, clock: clock)
        let begun = AsyncPromise<Void>()
        let blue = try await StubUpstream.start { _ in
            begun.fulfill(with: ())
            try await AsyncPromise<Void>().value()
            return .cutOff(nil)
        }
        proxy.route(to: blue.port)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                _ = try await TestClient.connected(to: proxy.port) { client in try await client.send() }
            }
            try await begun.value()
            group.cancelAll()
        }
        await proxy.close()
        #expect(try await proxy.drain(upstream: blue.port, until: clock.now.advanced(by: .seconds(60))) == 0)
    }
}
