import Glibc
import Testing

@testable import LocalControlPlane

struct PortListenersTests {
    @Test func `only listening sockets of the port count, over both protocols`() {
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
