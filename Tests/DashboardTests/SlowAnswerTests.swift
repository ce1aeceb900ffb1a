import Clocks
import Foundation
import Glibc
import HTTPTypes
import Logging
import TestSupport
import Testing

@testable import Dashboard

/// A control plane that does not answer, and clients that do not finish their requests.
@Suite(.timeLimit(.minutes(1)))
struct SlowAnswerTests {
    /// The page after its five seconds, when the command and the page wait.
    private func lateBody(_ fixture: DashboardFixture, _ path: String, _ cookie: String) async throws -> String {
        let answer = Task { try await fixture.send(.get, path, cookie: cookie) }
        await fixture.clock.sleepers(2)
        fixture.clock.advance(by: .seconds(5))
        return try await answer.value.body
    }

    @Test func `the first page comes within five seconds, with what this machine knows, and says who is silent`()
        async throws
    {
        let fixture = try DashboardFixture()
        try fixture.slipway.answer("status", Samples.status())
        try fixture.slipway.hold("status")
        let cookie = try await fixture.signIn()
        let body = try await lateBody(fixture, "/", cookie)
        #expect(body.contains("the control plane has not answered yet"))
        #expect(!body.contains("No deployments yet"))
        try await eventually("the command") { fixture.slipway.calls.count == 1 }

        // The read continued: the next page has it.
        try fixture.slipway.letGo("status")
        let reader = fixture.routes.reader
        try await eventually("the answer") { await reader.deployments().value != nil }
        let next = try await fixture.send(.get, "/", cookie: cookie).body
        #expect(next.contains("/deployments/agent") && !next.contains("has not answered"))
        #expect(fixture.slipway.calls.count == 1)
    }

    @Test func `a control plane that falls silent leaves what was known on the page`() async throws {
        let fixture = try DashboardFixture()
        try fixture.slipway.answer("status", Samples.status())
        let cookie = try await fixture.signIn()
        _ = try await fixture.send(.get, "/", cookie: cookie)
        try fixture.slipway.hold("status")
        fixture.clock.advance(by: .seconds(61))
        let body = try await lateBody(fixture, "/", cookie)
        #expect(body.contains("/deployments/agent") && body.contains("the control plane has not answered yet"))
        let detail = try await lateBody(fixture, "/deployments/agent", cookie)
        #expect(detail.contains("Live now"))
        try fixture.slipway.letGo("status")
    }

    @Test func `the page of a deployment that is not known yet comes within five seconds, and is asked for again`()
        async throws
    {
        let fixture = try DashboardFixture()
        try fixture.slipway.hold("status")
        let cookie = try await fixture.signIn()
        let body = try await lateBody(fixture, "/deployments/agent", cookie)
        #expect(body.contains("has not answered yet"), "\(body)")
        #expect(body.contains("content=\"5;url=/deployments/agent\""), "\(body)")
        try fixture.slipway.letGo("status")
    }

    @Test func `the page of a rollback does not wait for a silent control plane, and completes itself`() async throws {
        let fixture = try DashboardFixture()
        try fixture.slipway.answer("status", Samples.status())
        try fixture.slipway.answer("candidates", Samples.candidates())
        let cookie = try await fixture.signIn()
        _ = try await fixture.send(.get, "/deployments/agent", cookie: cookie)
        try fixture.slipway.hold("candidates")
        let body = try await lateBody(fixture, "/deployments/agent/rollback?to=8b5f%22", cookie)
        #expect(body.contains("the control plane has not answered yet"))
        #expect(body.contains(#"content="5;url=/deployments/agent/rollback?to=8b5f%22""#))
        try fixture.slipway.letGo("candidates")
    }

    @Test func `a reason that was entered survives a control plane that falls silent`() async throws {
        let fixture = try DashboardFixture()
        try fixture.slipway.answer("status", Samples.status())
        try fixture.slipway.answer("candidates", Samples.candidates())
        let cookie = try await fixture.signIn()
        let path = "/deployments/agent/rollback"
        let shown = try await fixture.send(.get, path, cookie: cookie)
        let form = [
            "token": shown.field("token"), "id": shown.field("id"), "live": shown.field("live"), "to": Samples.good,
            "reason": "INC-42: wrong prompt",
        ]
        try fixture.slipway.hold("candidates")
        let answer = Task { try await fixture.post(path, form, cookie: cookie) }
        await fixture.clock.sleepers(2)
        fixture.clock.advance(by: .seconds(10))
        let page = try await answer.value
        #expect(page.status == 502)
        #expect(page.body.contains("Nothing was changed: the control plane has not answered yet"))
        #expect(page.body.contains("INC-42: wrong prompt") && page.field("id") == form["id"])
        #expect(fixture.slipway.rollbacks.isEmpty)
        try fixture.slipway.letGo("candidates")
    }

    @Test func `a connection on which no whole request comes is closed`() async throws {
        let slipway = try FakeSlipway()
        let (links, ready) = AsyncStream.makeStream(of: String.self)
        let server = DashboardServer(
            configuration: .init(port: 0, isReadOnly: true, controlPlane: "x", patience: .milliseconds(300)),
            program: slipway.program, clock: SystemClock(), logger: Logger(label: "test"), newSecret: { "secret" },
            newFormID: { "" }, ready: { ready.yield($0) })
        let running = Task { try await server.run() }
        defer { running.cancel() }
        let link = try #require(await links.first { _ in true })
        let port = try #require(URL(string: link)?.port)
        let socket = try LoopbackSocket(port: UInt16(port))
        // It drips: each byte comes before the limit, but the request never does.
        let end = ContinuousClock.now.advanced(by: .seconds(20))
        var isClosed = false
        for byte in "GET / HTTP/1.1\r\nHost: x\r\nX: \(String(repeating: "a", count: 4000))".utf8 {
            isClosed = !socket.send(byte) || socket.isClosedByPeer
            if isClosed || ContinuousClock.now > end { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(isClosed)
    }
}

/// A connection of a client that is in no hurry.
private final class LoopbackSocket {
    private let descriptor: Int32

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw POSIXError(.ECONNREFUSED) }
    }

    deinit { close(descriptor) }

    func send(_ byte: UInt8) -> Bool {
        var byte = byte
        return Glibc.send(descriptor, &byte, 1, Int32(MSG_NOSIGNAL)) == 1
    }

    var isClosedByPeer: Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT)) == 0
    }
}
