import ControlPlaneTypes
import FoundationEssentials
import JSON
import TestSupport
import Testing

@testable import ControlPlane

@Suite struct ListenerTests {
    let fixture: ClientFixture
    var client: ControlPlaneClient { fixture.client }
    var stub: StubTransport { fixture.stub }
    let root = "/api-host/v2/listeners"

    init() throws {
        fixture = try ClientFixture()
    }

    private func failure(_ status: Int, _ detail: String) async throws -> ControlPlaneError? {
        stub.on(.post, root, .json(#"{"detail":"\#(detail)"}"#, status: status))
        return await #expect(throws: ControlPlaneError.self) {
            try await client.createListener(document: .object([]))
        }
    }

    @Test func `listeners can be listed, read, created, changed and deleted`() async throws {
        let listener = #"{"id":"l1","compute_id":"c","compute_config":{}}"#
        stub.on(.get, root + "?limit=100&offset=0", .json(ClientFixture.page([listener], next: 1)))
        stub.on(.get, root + "/l1", .json(listener))
        stub.on(.post, root, .json(listener, status: 201))
        stub.on(.patch, root + "/l1", .json(listener))
        stub.on(.delete, root + "/l1", .status(204))
        #expect(try await client.documents(.listeners).count == 1)
        #expect(try await client.listenerDocument("l1")["compute_id"]?.text == "c")
        _ = try await client.createListener(document: .object([]))
        _ = try await client.patchListener("l1", document: .object([]))
        try await client.deleteListener("l1")
        stub.expectAllUsed()
    }

    @Test func `the hint for a rejected plan names the required plan`() async throws {
        let error = try await failure(
            403,
            "Listeners cannot be created for LangSmith workspace ID 'w'. Creating listeners is only allowed for "
                + "LangSmith organizations with self-hosted enterprise plans.")
        #expect(error?.kind == .unauthorised)
        #expect(error?.hint?.contains("self-hosted enterprise plan") == true)
    }

    @Test func `the hint for another rejection names the key`() async throws {
        let error = try await failure(403, "Forbidden")
        #expect(error?.hint?.contains("check the key in LANGSMITH_API_KEY_EU,") == true)
    }

    @Test func `the hint for an existing compute id names the command to run`() async throws {
        let error = try await failure(409, "Listener for LangSmith workspace ID 'w' and compute ID 'c' already exists.")
        #expect(error?.kind == .conflict)
        #expect(error?.hint?.contains("slipway listeners patch") == true)
    }

    @Test func `a control plane without listeners differs from a missing listener`() async throws {
        #expect(try await failure(404, "Not Found")?.kind == .notSupported)
        stub.on(.get, root + "/l9", .json(#"{"detail":"Listener ID l9 not found."}"#, status: 404))
        let error = await #expect(throws: ControlPlaneError.self) { try await client.listenerDocument("l9") }
        #expect(error?.kind == .notFound)
        #expect(error?.hint?.contains("slipway listeners list") == true)
    }
}
