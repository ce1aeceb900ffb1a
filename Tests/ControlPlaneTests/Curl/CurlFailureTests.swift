import CLibcurl
import Clocks
import TestSupport
import Testing

@testable import ControlPlane

@Suite struct CurlFailureTests {
    @Test(
        arguments: [
            (CURLE_COULDNT_RESOLVE_HOST, TransportError.Kind.nameNotResolved),
            (CURLE_COULDNT_RESOLVE_PROXY, .nameNotResolved), (CURLE_COULDNT_CONNECT, .connectionRefused),
            (CURLE_PEER_FAILED_VERIFICATION, .untrustedCertificate), (CURLE_SSL_CACERT_BADFILE, .untrustedCertificate),
            (CURLE_SSL_CONNECT_ERROR, .tlsHandshake), (CURLE_OPERATION_TIMEDOUT, .timeout),
            (CURLE_GOT_NOTHING, .connectionLost), (CURLE_SEND_ERROR, .connectionLost), (CURLE_HTTP2, .connectionLost),
            (CURLE_PARTIAL_FILE, .bodyTruncated), (CURLE_BAD_CONTENT_ENCODING, .bodyTruncated),
            (CURLE_URL_MALFORMAT, .invalidRequest), (CURLE_OUT_OF_MEMORY, .other),
        ])
    func `each libcurl result has its kind of error`(code: CURLcode, kind: TransportError.Kind) {
        #expect(CurlFailure.kind(of: code, proxyStatus: 0) == kind)
    }

    @Test(
        arguments: [
            (407, TransportError.Kind.proxy), (403, .proxy), (502, .connectionRefused), (200, .connectionLost),
        ])
    func `row 4: a proxy that requires a login differs from one that cannot reach the host`(
        status: Int, kind: TransportError.Kind
    ) {
        #expect(CurlFailure.kind(of: CURLE_RECV_ERROR, proxyStatus: status) == kind)
    }
}

@Suite struct CurlCancellationTests {
    private func transport(connectionsPerHost: Int = 8) throws -> CurlTransport {
        var configuration = CurlConfiguration(version: "test")
        configuration.connectionsPerHost = connectionsPerHost
        return try CurlTransport(configuration, clock: SystemClock())
    }

    @Test func `cancelling five hundred requests ends them immediately and leaves the transport usable`() async throws {
        try await FaultServer.run({ $0.target == "/ok" ? .json("{}") : .stall }) { server in
            let transport = try transport()
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<500 {
                    group.addTask {
                        await #expect(throws: CancellationError.self) {
                            try await transport.send(HTTPRequest(.get, server.url + "/"))
                        }
                    }
                }
                while server.requests.count < 8 { await Task.yield() }
                group.cancelAll()
            }
            let response = try await transport.send(HTTPRequest(.get, server.url + "/ok"))
            #expect(response.status == 200)
        }
    }

    @Test func `a task that is already cancelled sends nothing`() async throws {
        try await FaultServer.run({ _ in .json("{}") }) { server in
            let transport = try transport()
            await withTaskGroup(of: Void.self) { group in
                group.cancelAll()
                for _ in 0..<200 {
                    group.addTask {
                        await #expect(throws: CancellationError.self) {
                            try await transport.send(HTTPRequest(.get, server.url + "/"))
                        }
                    }
                }
            }
            #expect(server.requests.isEmpty)
        }
    }

    @Test func `cancelling while requests start and end never hangs or crashes`() async throws {
        try await FaultServer.run({ _ in .json("{}") }) { server in
            let transport = try transport()
            for _ in 0..<20 {
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<30 {
                        group.addTask {
                            // Whether it was in time is what varies here.
                            _ = try? await transport.send(HTTPRequest(.get, server.url + "/"))
                        }
                    }
                    await Task.yield()
                    group.cancelAll()
                }
            }
            #expect(try await transport.send(HTTPRequest(.get, server.url + "/")).status == 200)
        }
    }
}
