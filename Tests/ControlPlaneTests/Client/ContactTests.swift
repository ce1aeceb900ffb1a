import Clocks
import ControlPlaneTypes
import FoundationEssentials
import TestSupport
import Testing

@testable import ControlPlane

/// What the API says, and what something in between says (docs/failures.md, row 4).
@Suite struct ContactTests {
    let clock = VirtualClock(automatic: true)
    let stub = StubTransport()
    let client: ControlPlaneClient
    static let page = StubReply.status(404, body: "<html>default backend</html>")
    static let inBetween: [StubReply] = [
        page, .status(401, body: "<html>"), .status(403), .status(405, body: "no"), .status(407),
        .status(409, body: "x"),
        .status(422, body: "<html>"), .status(302), .status(501, body: "<html>"), .status(200, body: "<html>Sign in"),
        .fails(.untrustedCertificate, mayHaveBeenProcessed: false), .fails(.proxy, mayHaveBeenProcessed: false),
        .fails(.crossOriginRedirect), .fails(.redirectLoop), .fails(.notHTTP), .fails(.tlsHandshake),
    ]

    init() throws {
        client = ControlPlaneClient(
            address: try ControlPlaneAddress("https://plane.test", source: "test"),
            credentials: try Credentials(apiKey: ClientFixture.key, source: "test"),
            transport: RetryingTransport(stub, clock: clock, jitter: { 1 }, notify: { _ in }), clock: clock,
            jitter: { 1 })
    }

    private func read(within time: Duration = .seconds(60)) async throws -> Deployment {
        try await client.with(deadline: clock.now.advanced(by: time)).deployment("d1")
    }

    private func establishContact() async throws {
        stub.on(.get, "/v2/deployments/d1", .json(ClientFixture.deployment()))
        _ = try await read()
    }

    @Test(arguments: inBetween)
    func `row 4: after contact, a read outlasts whatever is in between`(reply: StubReply) async throws {
        try await establishContact()
        stub.on(.get, "/v2/deployments/d1", reply, reply, reply, .json(ClientFixture.deployment()))
        #expect(try await read().id == "d1")
        stub.expectAllUsed()
    }

    @Test(arguments: inBetween)
    func `row 4: after contact, a read is given up at its deadline as an outage`(reply: StubReply) async throws {
        try await establishContact()
        stub.onEvery(.get, "/v2/deployments/d1", reply)
        let error = try await #require(throws: ControlPlaneError.self) { try await read() }
        #expect(error.isOutage)
        #expect(clock.now.sinceStart > .seconds(55))
    }

    @Test func `row 4: at first contact it is an error with a hint`() async throws {
        stub.on(.get, "/v2/deployments/d1", Self.page)
        let error = try await #require(throws: ControlPlaneError.self) { try await read() }
        #expect(error.kind == .notFound)
        #expect(!error.isOutage)
        #expect(error.hint?.contains("--control-plane") == true)
        stub.on(.get, "/v2/deployments/d1", .fails(.untrustedCertificate, mayHaveBeenProcessed: false))
        let foreign = try await #require(throws: ControlPlaneError.self) { try await read() }
        #expect(foreign.kind == .certificate)
        #expect(clock.now.sinceStart < .seconds(1))
    }

    @Test func `the API's own refusal is not contact, and a login page is none either`() async throws {
        stub.on(.get, "/v2/deployments/d1", .json(#"{"detail":"Forbidden"}"#, status: 403))
        await #expect(throws: ControlPlaneError.self) { try await read() }
        #expect(!client.contact.isEstablished)
        stub.onEvery(.get, "/v2/deployments/d1", .status(200, body: "<html>"))
        let error = try await #require(throws: ControlPlaneError.self) { try await read() }
        #expect(error.kind == .undecodable)
        #expect(!error.isOutage)
    }

    @Test(arguments: [(401, ControlPlaneError.Kind.unauthorised), (404, .notFound), (409, .conflict), (422, .rejected)])
    func `after contact, the API's own refusal ends a read at once`(
        status: Int, kind: ControlPlaneError.Kind
    ) async throws {
        try await establishContact()
        stub.on(.get, "/v2/deployments/d1", .json(#"{"detail":"refused"}"#, status: status))
        let error = try await #require(throws: ControlPlaneError.self) { try await read() }
        #expect(error.kind == kind)
        #expect(!error.isOutage)
    }

    @Test func `a copy of a client knows of the contact of the others`() async throws {
        try await establishContact()
        stub.on(.get, "/v2/deployments/d1", Self.page)
        let error = try await #require(throws: ControlPlaneError.self) {
            try await client.withoutRetries().deployment("d1")
        }
        #expect(error.kind == .unreachable)
        #expect(stub.requests.count == 2)
    }

    @Test func `rows 8 to 10: after contact, a change that something in between responds to is ambiguous`() async throws
    {
        try await establishContact()
        for reply in [Self.page, .status(302), .fails(.crossOriginRedirect)] {
            stub.on(.delete, "/v2/deployments/d1", reply)
            let error = try await #require(throws: ControlPlaneError.self) { try await client.deleteDeployment("d1") }
            #expect(error.kind == .ambiguous)
            #expect(!error.isCertainlyNotExecuted)
        }
        let once = client.withoutRepeatedChanges()
        stub.on(.delete, "/v2/deployments/d1", .fails(.untrustedCertificate, mayHaveBeenProcessed: false))
        let error = try await #require(throws: ControlPlaneError.self) { try await once.deleteDeployment("d1") }
        #expect(error.kind == .unreachable)
        #expect(error.isCertainlyNotExecuted)
        stub.expectAllUsed()
    }
}
