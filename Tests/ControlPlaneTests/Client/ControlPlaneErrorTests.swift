import Clocks
import ControlPlaneTypes
import FoundationEssentials
import Redaction
import TestSupport
import Testing

@testable import ControlPlane

@Suite struct CallFailureTests {
    let fixture: ClientFixture
    let path = "/api-host/v2/deployments/d1"

    init() throws {
        fixture = try ClientFixture()
    }

    private func readError(_ reply: StubReply) async throws -> ControlPlaneError {
        fixture.stub.onEvery(.get, path, reply)
        return try await #require(throws: ControlPlaneError.self) { try await fixture.client.deployment("d1") }
    }

    private func changeError(
        _ reply: StubReply, secrets: [Secret]? = nil
    ) async throws -> ControlPlaneError {
        fixture.stub.on(.patch, path, reply)
        var request = RevisionRequest(sourceRevisionConfig: SourceRevisionConfig())
        request.secrets = secrets
        return try await #require(throws: ControlPlaneError.self) {
            try await fixture.client.patchDeployment("d1", request)
        }
    }

    @Test(
        arguments: [
            (400, ControlPlaneError.Kind.rejected), (401, .unauthorised), (403, .unauthorised), (404, .notFound),
            (405, .notSupported), (407, .proxy), (409, .conflict), (422, .rejected), (429, .rateLimited),
            (302, .redirected), (418, .rejected),
        ])
    func `rows 4, 5 and 12 to 14: each status has its kind of error`(
        status: Int, kind: ControlPlaneError.Kind
    ) async throws {
        for error in [try await readError(.status(status)), try await changeError(.status(status))] {
            #expect(error.kind == kind)
            #expect(error.status == status)
            #expect(error.message.contains("plane.test"))
            #expect(error.message.contains("HTTP \(status)"))
        }
    }

    @Test(arguments: [408, 425, 500, 502, 503, 504])
    func `rows 7 to 11: a server error fails a read and makes a change ambiguous`(status: Int) async throws {
        #expect(try await readError(.status(status)).kind == .serverError)
        #expect(try await changeError(.status(status)).kind == .ambiguous)
    }

    @Test func `status 501 means that the change was not made`() async throws {
        #expect(try await changeError(.status(501)).kind == .serverError)
    }

    @Test(
        arguments: [
            (TransportError.Kind.nameNotResolved, ControlPlaneError.Kind.unreachable),
            (.connectionRefused, .unreachable), (.untrustedCertificate, .certificate), (.tlsHandshake, .unreachable),
            (.proxy, .proxy), (.invalidProxy, .configuration), (.timeout, .unreachable),
            (.connectionLost, .unreachable), (.bodyTruncated, .unreachable),
            (.bodyTooLarge, .unreachable), (.crossOriginRedirect, .redirected), (.redirectLoop, .redirected),
            (.rateLimited, .rateLimited), (.invalidRequest, .configuration), (.other, .unreachable),
        ])
    func `rows 1 to 3, 17 and 54: each transport error has its kind and a hint`(
        failure: TransportError.Kind, kind: ControlPlaneError.Kind
    ) async throws {
        let error = try await readError(.fails(failure))
        #expect(error.kind == kind)
        #expect(error.hint?.isEmpty == false)
        #expect(error.message.hasPrefix("GET /v2/deployments/d1 at plane.test: "))
    }

    @Test(arguments: [TransportError.Kind.timeout, .connectionLost, .bodyTruncated])
    func `rows 8 to 10 and 16: a change without a response is ambiguous unless it was never sent`(
        kind: TransportError.Kind
    ) async throws {
        #expect(try await changeError(.fails(kind, mayHaveBeenProcessed: true)).kind == .ambiguous)
        #expect(try await changeError(.fails(kind, mayHaveBeenProcessed: false)).kind == .unreachable)
    }

    @Test func `row 3: the hint for an untrusted certificate names the variables to set`() async throws {
        let hint = try await readError(.fails(.untrustedCertificate)).hint
        #expect(hint?.contains("SSL_CERT_FILE") == true)
        #expect(hint?.contains("CURL_CA_BUNDLE") == true)
    }

    @Test func `row 13: the error names the invalid field`() async throws {
        let body =
            #"{"detail":[{"type":"missing","loc":["body","secrets",0,"name"],"msg":"Field required","input":"s3cret"}]}"#
        let error = try await readError(.json(body, status: 422))
        #expect(error.message.hasSuffix("HTTP 422: body.secrets.0.name: Field required"))
        let sentence = try await changeError(.json(#"{"detail":"repo_ref is required"}"#, status: 400))
        #expect(sentence.message.hasSuffix("HTTP 400: repo_ref is required"))
    }

    @Test func `row 14: the error about a rejected key names its variable and never its value`() async throws {
        let error = try await readError(.json(#"{"detail":"bad key \#(ClientFixture.key)"}"#, status: 401))
        #expect(error.hint?.contains("check the key in LANGSMITH_API_KEY_EU,") == true)
        #expect(!"\(error)".contains(ClientFixture.key))
    }

    @Test func `row 52: the hint for an organization key says to set the workspace`() async throws {
        let error = try await readError(.json(#"{"detail":"Request requires workspace specification"}"#, status: 403))
        #expect(error.hint?.contains("LANGSMITH_TENANT_ID") == true)
        #expect(error.hint?.contains("X-Tenant-Id") == true)
    }

    @Test(
        arguments: [
            "", "<html><title>Log in</title>", #"{"id":"#, #"{"id":1}"#, "[]", "null", #"{"id":NaN}"#, "\u{FEFF}",
            String(repeating: "[", count: 200_000), #"{"id":"a","name":"b","source":"c"}"#, "\u{0}\u{1}",
        ])
    func `row 18: a read with invalid responses is attempted five times`(body: String) async throws {
        let error = try await readError(.json(body))
        #expect(error.kind == .undecodable)
        #expect(error.message.utf8.count < 800)
        let controls = error.message.unicodeScalars.filter { $0.properties.generalCategory == .control }
        #expect(controls.isEmpty)
        #expect(fixture.stub.requests.count == 5)
        #expect(fixture.clock.now.sinceStart == .milliseconds(7500))
    }

    @Test func `row 18: an invalid response is retried, and a byte order mark is accepted`() async throws {
        fixture.stub.on(.get, path, .status(200, body: "<html>"), .json("\u{FEFF}" + ClientFixture.deployment()))
        #expect(try await fixture.client.deployment("d1").id == "d1")
    }

    @Test func `row 18: an invalid response is not retried past the deadline`() async throws {
        fixture.stub.onEvery(.get, path, .json("{"))
        let client = fixture.client.with(deadline: fixture.clock.now.advanced(by: .seconds(2)))
        await #expect(throws: ControlPlaneError.self) { try await client.deployment("d1") }
        #expect(fixture.stub.requests.count == 4)
        #expect(fixture.clock.now.sinceStart < .seconds(2))
    }

    @Test func `row 18: a client without retries reads an invalid response once`() async throws {
        fixture.stub.onEvery(.get, path, .json("{"))
        await #expect(throws: ControlPlaneError.self) { try await fixture.client.withoutRetries().deployment("d1") }
        #expect(fixture.stub.requests.count == 1)
        #expect(fixture.stub.requests.first?.retries == HTTPRequest.Retries.none)
    }

    @Test func `row 5: the error of a refused change says that it can be sent again, and when`() async throws {
        let client = fixture.client.withoutRepeatedChanges()
        fixture.stub.on(
            .delete, path, .status(429, headers: [HTTPHeader("Retry-After", "4")]),
            .fails(.connectionRefused, mayHaveBeenProcessed: false), .fails(.connectionLost), .status(409))
        var errors: [ControlPlaneError] = []
        for _ in 0..<4 {
            errors.append(
                try await #require(throws: ControlPlaneError.self) { try await client.deleteDeployment("d1") })
        }
        #expect(errors.map(\.isCertainlyNotExecuted) == [true, true, false, false])
        #expect(errors.map(\.retryAfter) == [.seconds(4), nil, nil, nil])
        #expect(fixture.stub.requests.allSatisfy { $0.retries == .reads })
    }

    @Test func `row 18: an invalid response to a change is ambiguous`() async throws {
        let error = try await changeError(.json("<html>"))
        #expect(error.kind == .ambiguous)
        #expect(error.status == 200)
    }

    @Test func `row 55: a secret echoed by an error is redacted`() async throws {
        let secret = Secret(name: "TOKEN", value: SecretValue("hunter2hunter2"))
        let error = try await changeError(
            .json(#"{"detail":"TOKEN=hunter2hunter2 is reserved"}"#, status: 400), secrets: [secret])
        #expect(error.message.hasSuffix("TOKEN=*** is reserved"))
    }

    @Test func `row 55: the secrets of a truncated deployment are redacted`() async throws {
        let body = #"{"id":"d1","secrets":[{"name":"A","value":"abc\"def"},{"name":"B","value" : "unfini"#
        let error = try await readError(.json(body))
        #expect(error.message.contains(#""value":"***""#))
        #expect(!error.message.contains("def"))
        #expect(!error.message.contains("unfini"))
    }

    @Test func `escape sequences do not reach the terminal`() async throws {
        let error = try await readError(.status(400, body: "\u{1B}[31mred\u{7}\r\nnext\u{202E}"))
        #expect(error.message.contains("red") && error.message.contains("next"), "\(error.message)")
        for character in ["\u{1B}", "\u{7}", "\r", "\n", "\u{202E}"] { #expect(!error.message.contains(character)) }
    }
}
