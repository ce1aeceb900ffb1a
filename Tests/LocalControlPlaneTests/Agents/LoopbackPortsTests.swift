import Synchronization
import Testing

@testable import LocalControlPlane

struct LoopbackPortsTests {
    @Test func `a port that somebody listens on is not handed out`() async throws {
        let upstream = try await StubUpstream.start(named: "x")
        let ports = LoopbackPorts(in: upstream.port...upstream.port) { $0.lowerBound }
        let failure = await #expect(throws: AgentFailure.self) { try await ports.free() }
        #expect(failure?.message == "no free port found in \(upstream.port)-\(upstream.port)")
        try await upstream.close()
    }

    @Test func `another one is chosen instead`() async throws {
        let upstream = try await StubUpstream.start(named: "x")
        let free = try await LoopbackPorts.any.free()
        let choices = Mutex([upstream.port, upstream.port, free])
        let ports = LoopbackPorts(in: 1...65_535) { _ in choices.withLock { $0.removeFirst() } }
        #expect(try await ports.free() == free)
        let left = choices.withLock { $0.count }
        #expect(left == 0)
        try await upstream.close()
    }

    @Test func `a free port of the range is handed out, and stays free`() async throws {
        let port = try await LoopbackPorts.any.free()
        #expect((20_000...29_999).contains(port))
        #expect(PortListeners(port: port).inodes.isEmpty)
    }
}

extension LoopbackPorts {
    /// Tests run beside others that want ports of their own.
    static let any = ofAgents { Int.random(in: $0) }
}
