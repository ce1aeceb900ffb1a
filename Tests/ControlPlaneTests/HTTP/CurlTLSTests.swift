import Clocks
import FoundationEssentials
import TestSupport
import Testing

@testable import ControlPlane

@Suite struct CurlTLSTests {
    private static func send(_ url: String, authorities: String? = nil) async throws -> HTTPResponse {
        let configuration = CurlConfiguration(
            version: "test",
            certificateAuthorities: authorities.map { CertificateAuthorities(file: $0) } ?? .find())
        return try await CurlTransport(configuration, clock: SystemClock()).send(HTTPRequest(.get, url))
    }

    @Test
    func `row 3: a certificate that nobody vouches for is refused until it is named`() async throws {
        try await SelfSignedServer.run { server in
            let error = await #expect(throws: TransportError.self) { try await Self.send(server.url) }
            #expect(error?.kind == .untrustedCertificate)
            #expect(error?.mayHaveBeenProcessed == false)
            let response = try await Self.send(server.url, authorities: server.certificatePath)
            #expect(response.status == 200)
        }
    }

    @Test
    func `row 3: a certificate for another host is refused`() async throws {
        try await SelfSignedServer.run(name: "elsewhere.test") { server in
            let error = await #expect(throws: TransportError.self) {
                try await Self.send(server.url, authorities: server.certificatePath)
            }
            #expect(error?.kind == .untrustedCertificate)
        }
    }

    @Test func `row 3: a file of authorities that is missing is named, not passed over`() async throws {
        try await FaultServer.run({ _ in .reset }) { server in
            let error = await #expect(throws: TransportError.self) {
                try await Self.send("https://127.0.0.1:\(server.port)", authorities: "/nonexistent/ca.pem")
            }
            #expect(error?.kind == .untrustedCertificate)
            #expect(error?.message.contains("/nonexistent/ca.pem") == true)
        }
    }

    @Test func `without any authorities an HTTPS request fails before it is sent`() async throws {
        let configuration = CurlConfiguration(version: "test", certificateAuthorities: nil)
        let error = await #expect(throws: TransportError.self) {
            try await CurlTransport(configuration, clock: SystemClock()).send(HTTPRequest(.get, "https://127.0.0.1:1"))
        }
        #expect(error?.kind == .untrustedCertificate)
        #expect(error?.message.contains("no CA certificates found") == true)
    }

    @Test(arguments: [FaultReply.drop, .reset])
    func `row 3: a handshake that breaks off may be tried again`(reply: FaultReply) async throws {
        try await FaultServer.run({ _ in reply }) { server in
            let error = await #expect(throws: TransportError.self) {
                try await Self.send("https://127.0.0.1:\(server.port)")
            }
            #expect(error?.kind == .tlsHandshake)
            #expect(error?.mayHaveBeenProcessed == false)
            #expect(server.requests.map(\.method) == ["TLS"])
        }
    }

    @Test func `a handshake that stalls ends at the limit for connecting`() async throws {
        try await FaultServer.run({ _ in .stall }) { server in
            var request = HTTPRequest(.get, "https://127.0.0.1:\(server.port)")
            request.limits.connect = .milliseconds(50)
            let transport = try CurlTransport(CurlConfiguration(version: "test"), clock: SystemClock())
            let error = await #expect(throws: TransportError.self) { try await transport.send(request) }
            #expect(error?.kind == .timeout)
            #expect(error?.mayHaveBeenProcessed == false)
        }
    }
}
