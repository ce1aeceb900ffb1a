import Clocks
import Glibc
import NIOCore
import NIOHTTP1
import Processes
import Synchronization
import Testing

@testable import LocalControlPlane

@Suite(.timeLimit(.minutes(2)))
struct LoopbackHTTPTests {
    @Test func `sends a JSON body and returns status and response`() async throws {
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

    @Test func `a body beyond the limit is not read to its end`() async throws {
        let server = try await StubUpstream.start { _ in
            .whole(.init(version: .http1_1, status: .ok), ByteBuffer(repeating: 1, count: 3_000_000))
        }
        let answer = try await LoopbackHTTP(clock: SystemClock(), port: server.port)
            .send("GET", "/", timeout: .seconds(30))
        #expect(answer.body.count == LoopbackHTTP.largestBody)
        try await server.close()
    }

    @Test func `a timeout and a closed connection are distinguished`() async throws {
        let server = try await StubUpstream.start { request in
            if request.head.uri == "/silence" { try await AsyncPromise<Void>().value() }
            return .cutOff(nil)
        }
        let http = LoopbackHTTP(clock: SystemClock(), port: server.port)
        await #expect(throws: LoopbackHTTP.Failure.timedOut) {
            try await http.send("GET", "/silence", timeout: .milliseconds(50))
        }
        await #expect(throws: (any Error).self) { try await http.send("GET", "/", timeout: .seconds(30)) }
        try await server.close()
    }

    @Test func `a closed port refuses`() async throws {
        // Bound without listening, so that nothing else takes the port meanwhile.
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        try #require(isBound)
        let http = LoopbackHTTP(clock: SystemClock(), port: Int(UInt16(bigEndian: address.sin_port)))
        await #expect(throws: LoopbackHTTP.Failure.refused) { try await http.send("GET", "/", timeout: .seconds(30)) }
    }
}

struct LoopbackPortsTests {
    @Test func `a port that is in use is not chosen`() async throws {
        let upstream = try await StubUpstream.start(named: "x")
        let ports = LoopbackPorts(in: upstream.port...upstream.port) { $0.lowerBound }
        let failure = await #expect(throws: AgentFailure.self) { try await ports.free() }
        #expect(failure?.message == "no free port in \(upstream.port)-\(upstream.port)")
        try await upstream.close()
    }

    @Test func `another one is chosen instead`() async throws {
        let upstream = try await StubUpstream.start(named: "x")
        let free = try await LoopbackPorts.any.free()
        let choices = Mutex([upstream.port, upstream.port, free])
        let ports = LoopbackPorts(in: 1...65_535) { range in
            choices.withLock { $0.isEmpty ? Int.random(in: range) : $0.removeFirst() }
        }
        #expect(try await ports.free() == free)
        let left = choices.withLock { $0.count }
        #expect(left == 0)
        try await upstream.close()
    }

    @Test func `a free port of the range is chosen and stays free`() async throws {
        let port = try await LoopbackPorts.any.free()
        #expect((20_000...29_999).contains(port))
        #expect(PortListeners(port: port).inodes.isEmpty)
    }
}

extension LoopbackPorts {
    /// Tests run beside others that want ports of their own.
    static let any = forAgents { Int.random(in: $0) }
}

@Suite(.timeLimit(.minutes(2)))
struct PortListenersTests {
    @Test func `only listening sockets of the port count, IPv4 and IPv6`() {
        let table = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:4E20 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1
               1: 0100007F:4E20 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 222 1
               2: 0100007F:4E21 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 333 1
               3: 00000000000000000000000001000000:4E20 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 444 1
            """
        #expect(PortListeners.inodes(table: table, port: 20_000) == ["111", "444"])
        #expect(PortListeners.inodes(table: "", port: 20_000).isEmpty)
    }

    @Test func `a listener belongs to the session of its process`() async throws {
        let upstream = try await StubUpstream.start(named: "x")
        let listeners = PortListeners(port: upstream.port)
        let own = try #require(ProcessStat(of: getsid(0)) ?? ProcessStat(of: getpid()))
        #expect(listeners.inodes.count == 1)
        if own.pid == own.session {
            #expect(listeners.belong(to: ProcessSession(id: own.session, startTime: own.startTime)))
        }
        #expect(!listeners.belong(to: ProcessSession(id: 1, startTime: 0)))
        try await upstream.close()
    }
}
