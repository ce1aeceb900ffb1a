import Clocks
import FoundationEssentials
import Glibc
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
    func `row 3: a self-signed certificate is refused until it is configured`() async throws {
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

    @Test func `row 3: a missing CA file is an error that names it`() async throws {
        try await FaultServer.run({ _ in .reset }) { server in
            let error = await #expect(throws: TransportError.self) {
                try await Self.send("https://127.0.0.1:\(server.port)", authorities: "/nonexistent/ca.pem")
            }
            #expect(error?.kind == .untrustedCertificate)
            #expect(error?.message.contains("/nonexistent/ca.pem") == true)
        }
    }

    @Test func `without certificate authorities an HTTPS request fails before it is sent`() async throws {
        let configuration = CurlConfiguration(version: "test", certificateAuthorities: nil)
        let error = await #expect(throws: TransportError.self) {
            try await CurlTransport(configuration, clock: SystemClock()).send(HTTPRequest(.get, "https://127.0.0.1:1"))
        }
        #expect(error?.kind == .untrustedCertificate)
        #expect(error?.message.contains("no CA certificates found") == true)
    }

    @Test(arguments: [FaultReply.drop, .reset])
    func `row 3: a failed handshake may be retried`(reply: FaultReply) async throws {
        try await FaultServer.run({ _ in reply }) { server in
            let error = await #expect(throws: TransportError.self) {
                try await Self.send("https://127.0.0.1:\(server.port)")
            }
            #expect(error?.kind == .tlsHandshake)
            #expect(error?.mayHaveBeenProcessed == false)
            #expect(server.requests.map(\.method) == ["TLS"])
        }
    }

    @Test func `a stalled handshake ends at the connect limit`() async throws {
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

struct CertificateAuthoritiesTests {
    @Test func `the first variable that is set names the file`() {
        var environment = ["REQUESTS_CA_BUNDLE": "/r", "SSL_CERT_FILE": "/s", "CURL_CA_BUNDLE": "/c"]
        #expect(CertificateAuthorities.find(in: environment) == .init(file: "/s", variable: "SSL_CERT_FILE"))
        environment["SSL_CERT_FILE"] = ""
        #expect(CertificateAuthorities.find(in: environment) == .init(file: "/c", variable: "CURL_CA_BUNDLE"))
        environment["CURL_CA_BUNDLE"] = nil
        #expect(CertificateAuthorities.find(in: environment) == .init(file: "/r", variable: "REQUESTS_CA_BUNDLE"))
    }

    @Test func `a folder can be used alone or with a file`() {
        var environment = ["SSL_CERT_DIR": "/d"]
        #expect(CertificateAuthorities.find(in: environment) == .init(directory: "/d", variable: "SSL_CERT_DIR"))
        environment["SSL_CERT_FILE"] = "/s"
        let both = CertificateAuthorities(file: "/s", directory: "/d", variable: "SSL_CERT_FILE")
        #expect(CertificateAuthorities.find(in: environment) == both)
    }

    @Test(arguments: CertificateAuthorities.systemFiles)
    func `each known file of a distribution is found`(file: String) {
        #expect(CertificateAuthorities.find(isReadable: { $0 == file }) == .init(file: file))
    }

    @Test func `a system folder is used only if there is no file`() {
        let found = CertificateAuthorities.find(isReadable: { $0 == "/etc/ssl/certs" })
        #expect(found == .init(directory: "/etc/ssl/certs"))
        #expect(CertificateAuthorities.find(isReadable: { _ in false }) == nil)
    }
}

/// In processes of their own, because libcurl reads the variables of the whole process.
@Suite struct CurlProxyTests {
    private static func send(_ url: String) async throws -> HTTPResponse {
        try await CurlTransport(CurlConfiguration(version: "test"), clock: SystemClock()).send(HTTPRequest(.post, url))
    }

    @Test func `row 4: a proxy that requires a login fails before the request is sent`() async {
        await #expect(processExitsWith: .success) {
            try await FaultServer.run({ _ in .html("<html>login", status: 407) }) { proxy in
                setenv("https_proxy", proxy.url, 1)
                let error = await #expect(throws: TransportError.self) { try await Self.send("https://plane.test/") }
                #expect(error?.kind == .proxy)
                #expect(error?.mayHaveBeenProcessed == false)
                #expect(proxy.requests.map(\.method) == ["CONNECT"])
            }
        }
    }

    @Test func `a proxy is used for plain HTTP, and its login page is a response with status 407`() async {
        await #expect(processExitsWith: .success) {
            try await FaultServer.run({ _ in .html("<html>login", status: 407) }) { proxy in
                setenv("http_proxy", proxy.url, 1)
                let response = try await Self.send("http://plane.test/a")
                #expect(response.status == 407)
                #expect(proxy.requests.map(\.target) == ["http://plane.test/a"])
            }
        }
    }

    @Test func `requests to loopback do not use a proxy`() async {
        await #expect(processExitsWith: .success) {
            try await FaultServer.run({ _ in .json("{}") }) { server in
                setenv("http_proxy", "http://127.0.0.1:1", 1)
                let response = try await Self.send(server.url)
                #expect(response.status == 200)
            }
        }
    }

    @Test(arguments: ["http://ci:p#w@proxy.test:3128", "gopher://ci:p%23w@proxy.test:3128"])
    func `a proxy URL that cannot be used is an error at once, without its login`(proxy: String) async {
        await #expect(processExitsWith: .success) { [proxy] in
            setenv("https_proxy", proxy, 1)
            let error = await #expect(throws: TransportError.self) { try await Self.send("https://plane.test/") }
            #expect(error?.kind == .invalidProxy)
            #expect(error?.mayHaveBeenProcessed == false)
            #expect(error?.message == "plane.test: unsupported proxy URL")
        }
    }

    @Test func `an invalid proxy variable is found before libcurl takes a part of the password for a port`() async {
        await #expect(processExitsWith: .success) {
            let proxy = "http://ci:80#hunter2@proxy.test:3128"
            setenv("https_proxy", proxy, 1)
            var configuration = CurlConfiguration(version: "test")
            configuration.proxies = ProxySettings(environment: ["https_proxy": proxy])
            let transport = try CurlTransport(configuration, clock: SystemClock())
            let error = await #expect(throws: TransportError.self) {
                try await transport.send(HTTPRequest(.get, "https://plane.test/"))
            }
            #expect(error?.kind == .invalidProxy)
            #expect(error?.message == "invalid proxy URL in https_proxy")
        }
    }

    @Test func `a proxy that cannot reach the host may be retried`() async {
        await #expect(processExitsWith: .success) {
            try await FaultServer.run({ _ in .html("<html>bad gateway", status: 502) }) { proxy in
                setenv("https_proxy", proxy.url, 1)
                let error = await #expect(throws: TransportError.self) { try await Self.send("https://plane.test/") }
                #expect(error?.kind == .connectionRefused)
                #expect(error?.mayHaveBeenProcessed == false)
            }
        }
    }
}
