import Testing

@testable import LocalControlPlane

struct LoopbackPortsTests {
    @Test func `a port that somebody listens on is not handed out`() async throws {
        let upstream = try await StubUpstream.start(named: "x")
        let ports = LoopbackPorts(in: upstream.port...upstream.port)
        let failure = await #expect(throws: AgentFailure.self) { try await ports.free() }
        #expect(failure?.message == "no free port found in \(upstream.port)-\(upstream.port)")
        try await upstream.close()
    }

    @Test func `a free port of the range is handed out, and stays free`() async throws {
        let port = try await LoopbackPorts.standard.free()
        #expect((20_000...29_999).contains(port))
        #expect(PortListeners(port: port).inodes.isEmpty)
    }
}
