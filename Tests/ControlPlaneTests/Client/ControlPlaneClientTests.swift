import Clocks
import ControlPlaneTypes
import FoundationEssentials
import TestSupport
import Testing

@testable import ControlPlane

@Suite struct ControlPlaneClientTests {
    let fixture: ClientFixture
    var client: ControlPlaneClient { fixture.client }
    var stub: StubTransport { fixture.stub }
    let root = "/api-host/v2/deployments"

    init() throws {
        fixture = try ClientFixture()
    }

    @Test func `a call keeps the path of the address and sends key, workspace and deadline`() async throws {
        stub.on(.get, root + "/d1", .json(ClientFixture.deployment()))
        let deadline = MonotonicInstant(sinceStart: .seconds(9))
        let deployment = try await client.with(deadline: deadline).deployment("d1")
        #expect(deployment.latestRevisionID == "r9")
        let request = try #require(stub.requests.first)
        #expect(request.deadline == deadline)
        #expect(request.endpoint == "GET /v2/deployments/{id}")
        #expect(request.headers.contains(HTTPHeader("X-Api-Key", ClientFixture.key)))
        #expect(request.headers.contains(HTTPHeader("X-Tenant-Id", ClientFixture.tenant)))
    }

    @Test func `without a workspace no workspace header is sent`() async throws {
        let fixture = try ClientFixture(tenantID: nil)
        fixture.stub.on(.get, root + "/d1", .json(ClientFixture.deployment()))
        _ = try await fixture.client.deployment("d1")
        #expect(fixture.stub.requests.first?.headers.map(\.name) == ["X-Api-Key", "Accept"])
    }

    @Test func `an id cannot change the path`() async throws {
        stub.on(.get, root + "/..%2F..%2Fx%3Fy%23", .json(ClientFixture.deployment()))
        _ = try await client.deployment("../../x?y#")
        stub.on(.get, root + "/%2E%2E", .json(ClientFixture.deployment()))
        _ = try await client.deployment("..")
        stub.expectAllUsed()
    }

    @Test func `a filter becomes a query`() async throws {
        stub.on(
            .get,
            root + "?name_contains=a%26b&status=READY&deployment_type=prod&deployment_ids=d1%2Cd2&limit=5&offset=10",
            .json(ClientFixture.page([], next: 10)))
        var filter = DeploymentFilter()
        filter.nameContains = "a&b"
        filter.status = .ready
        filter.deploymentType = "prod"
        filter.ids = ["d1", "d2"]
        _ = try await client.listDeployments(filter, limit: 5, offset: 10)
    }

    @Test func `row 53: all pages are read up to a short one`() async throws {
        let full = (0..<100).map { ClientFixture.deployment("d\($0)") }
        stub.on(.get, root + "?limit=100&offset=0", .json(ClientFixture.page(full, next: 100)))
        stub.on(
            .get, root + "?limit=100&offset=91",
            .json(ClientFixture.page(full.suffix(9) + [ClientFixture.deployment("x")], next: 101)))
        #expect(try await client.allDeployments().count == 101)
        stub.expectAllUsed()
    }

    @Test func `row 53: a control plane that ignores the offset has neither an endless nor an incomplete list`()
        async throws
    {
        let full = (0..<100).map { ClientFixture.deployment("d\($0)") }
        stub.onEvery(.get, root, .json(ClientFixture.page(full, next: 100)))
        let error = await #expect(throws: ControlPlaneError.self) { try await client.allDeployments() }
        #expect(error?.kind == .notSupported)
        #expect(stub.requests.count == 2)
    }

    @Test(arguments: [Int.max, Int.min, -1, 7, 1_000_000])
    func `row 53: an impossible offset of a page is not used`(offset: Int) async throws {
        let full = (0..<100).map { ClientFixture.deployment("d\($0)") }
        stub.onEvery(.get, root + "?limit=100&offset=0", .json(ClientFixture.page(full, next: offset)))
        for start in [91, 100] {
            stub.onEvery(
                .get, root + "?limit=100&offset=\(start)",
                .json(ClientFixture.page(full.suffix(100 - start) + [ClientFixture.deployment("x")], next: offset)))
        }
        #expect(try await client.allDeployments().count == 101)
        let list = ResourceList(template: "/v2/deployments", values: [], query: [])
        #expect(try await client.documents(list).count == 101)
    }

    @Test func `row 17: a read waits half a minute for its response, and a change two minutes`() async throws {
        stub.onEvery(.get, root + "/d1", .json(ClientFixture.deployment()))
        stub.onEvery(.delete, root + "/d1", .status(204))
        func limits(_ client: ControlPlaneClient) async throws -> [Duration?] {
            _ = try await client.deployment("d1")
            try await client.deleteDeployment("d1")
            return stub.requests.suffix(2).map(\.limits.firstByte)
        }
        #expect(try await limits(client) == [.seconds(30), .seconds(120)])
        let patient = ControlPlaneClient(
            address: client.address, credentials: client.credentials, transport: stub, clock: fixture.clock,
            timeouts: RequestTimeouts(both: .seconds(5)), jitter: { 1 })
        #expect(try await limits(patient) == [.seconds(5), .seconds(5)])
        #expect(stub.requests.last?.limits.connect == .seconds(5))
    }

    @Test func `a name is matched exactly, and deployments being deleted are skipped`() async throws {
        let page = ClientFixture.page(
            [
                ClientFixture.deployment("d1", name: "agent-2"),
                ClientFixture.deployment("d2", name: "agent", status: "AWAITING_DELETE"),
                ClientFixture.deployment("d3", name: "agent"),
            ], next: 3)
        stub.onEvery(.get, root + "?name=agent&name_contains=agent&limit=100&offset=0", .json(page))
        #expect(try await client.deployment(named: "agent")?.id == "d3")
        #expect(try await client.deployment(named: "agent", includingDeleted: true)?.id == "d2")
        stub.onEvery(.get, root + "?name=agen&name_contains=agen&limit=100&offset=0", .json(page))
        #expect(try await client.deployment(named: "agen") == nil)
    }

    @Test func `creating sends every required field and no null`() async throws {
        stub.on(.post, root, .json(ClientFixture.deployment(), status: 201))
        _ = try await client.createDeployment(
            DeploymentCreateRequest(
                name: "agent", source: .internalSource, sourceConfig: SourceConfig(),
                sourceRevisionConfig: SourceRevisionConfig(), secrets: []))
        #expect(
            try fixture.sentBody()
                == #"{"name":"agent","secrets":[],"source":"internal_source","source_config":{},"source_revision_config":{}}"#
        )
        #expect(stub.requests.first?.isRepeatable == false)
    }

    @Test func `a patch and a new revision send the same body`() async throws {
        stub.on(.patch, root + "/d1", .json(ClientFixture.deployment()))
        stub.on(.post, root + "/d1/revisions", .json(ClientFixture.revision(), status: 201))
        var config = SourceRevisionConfig()
        config.repoRef = "refs/tags/v1"
        let body = #"{"source_revision_config":{"repo_ref":"refs/tags/v1"}}"#
        _ = try await client.patchDeployment("d1", RevisionRequest(sourceRevisionConfig: config))
        #expect(try fixture.sentBody() == body)
        let revision = try await client.createRevision(of: "d1", RevisionRequest(sourceRevisionConfig: config))
        #expect(try fixture.sentBody() == body)
        #expect(revision.commitSHA == "abc")
    }

    @Test(arguments: [404, 405])
    func `a control plane without the endpoint for revisions is detected`(status: Int) async throws {
        stub.on(.post, root + "/d1/revisions", .status(status))
        let error = await #expect(throws: ControlPlaneError.self) {
            try await client.createRevision(of: "d1", RevisionRequest(sourceRevisionConfig: SourceRevisionConfig()))
        }
        #expect(error?.kind == .notSupported)
        #expect(error?.status == status)
    }

    @Test func `revisions are listed by status, newest first`() async throws {
        stub.on(
            .get, root + "/d1/revisions?status=DEPLOYED%2CSKIPPED&limit=1&offset=0",
            .json(ClientFixture.page([ClientFixture.revision("r7")], next: 1)))
        let page = try await client.listRevisions(of: "d1", status: [.deployed, .skipped], limit: 1)
        #expect(page.resources.map(\.id) == ["r7"])
    }

    @Test func `all revisions are read once each`() async throws {
        let full = (0..<100).map { ClientFixture.revision("r\($0)") }
        stub.on(.get, root + "/d1/revisions?limit=100&offset=0", .json(ClientFixture.page(full, next: 100)))
        let rest = [ClientFixture.revision("r99"), ClientFixture.revision("r100")]
        stub.on(
            .get, root + "/d1/revisions?limit=100&offset=91",
            .json(ClientFixture.page(full.suffix(9) + rest, next: 102)))
        #expect(try await client.allRevisions(of: "d1").count == 101)
    }

    @Test func `a revision can be read, redeployed and interrupted`() async throws {
        stub.on(.get, root + "/d1/revisions/r1", .json(ClientFixture.revision()))
        stub.on(.post, root + "/d1/revisions/r1/redeploy", .json(ClientFixture.deployment()))
        stub.on(.post, root + "/d1/revisions/r1/interruption", .status(204))
        #expect(try await client.revision("r1", of: "d1").status == .deployed)
        #expect(try await client.redeploy("r1", of: "d1").id == "d1")
        try await client.interrupt("r1", of: "d1")
        stub.expectAllUsed()
    }

    @Test(arguments: [404, 405])
    func `an older control plane is called at the older interrupt endpoint`(status: Int) async throws {
        stub.on(.post, root + "/d1/revisions/r1/interruption", .status(status))
        stub.on(.post, root + "/d1/revisions/r1/interrupt", .status(200))
        try await client.interrupt("r1", of: "d1")
        stub.expectAllUsed()
    }

    @Test func `a missing deployment is not found at either interrupt endpoint`() async throws {
        stub.on(.post, root + "/d1/revisions/r1/interruption", .status(404))
        stub.on(.post, root + "/d1/revisions/r1/interrupt", .status(404))
        let error = await #expect(throws: ControlPlaneError.self) { try await client.interrupt("r1", of: "d1") }
        #expect(error?.kind == .notFound)
    }

    @Test func `switching off build on push changes nothing else`() async throws {
        stub.on(.patch, root + "/d1", .json(ClientFixture.deployment()))
        _ = try await client.setBuildOnPush(false, of: "d1")
        #expect(try fixture.sentBody() == #"{"source_config":{"build_on_push":false}}"#)
    }

    @Test func `deleting needs no response body`() async throws {
        stub.on(.delete, root + "/d1", .status(204))
        try await client.deleteDeployment("d1")
        stub.on(.delete, root + "/d1?delete_tracing_project=true", .status(204))
        try await client.deleteDeployment("d1", deleteTracingProject: true)
        stub.expectAllUsed()
    }

    @Test func `integrations and repositories are bare arrays`() async throws {
        stub.on(
            .get, "/api-host/v1/integrations/github/install", .json(#"[{"id":"i1","installation_id":7,"name":"acme"}]"#)
        )
        stub.on(
            .get, "/api-host/v1/integrations/github/i1/repos",
            .json(
                #"[{"host_integration_id":"i1","id":3,"name":"agent","owner":"acme","url":"https://x","default_branch":"main"}]"#
            ))
        #expect(try await client.githubIntegrations().map(\.id) == ["i1"])
        #expect(try await client.githubRepositories(integration: "i1").map(\.defaultBranch) == ["main"])
    }

    @Test func `any path of the API can be called, but no other host`() async throws {
        stub.on(.get, "/api-host/v2/listeners?limit=1", .json("{}"))
        let response = try await client.raw(.get, path: "/v2/listeners?limit=1")
        #expect(response.status == 200)
        #expect(stub.requests.first?.endpoint == "GET /v2/listeners")
        for path in ["v2/listeners", ".evil.test/", "@evil.test/", ""] {
            let error = await #expect(throws: ControlPlaneError.self) { try await client.raw(.get, path: path) }
            #expect(error?.kind == .configuration)
        }
    }

    @Test func `cancellation throws CancellationError`() async throws {
        stub.on(.get, root + "/d1", .silence)
        let client = client
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(throws: CancellationError.self) { try await client.deployment("d1") }
            }
            group.cancelAll()
        }
    }
}

@Suite struct ServerTimeTests {
    private let local = Date(timeIntervalSince1970: 784_111_777)

    @Test func `row 41: the server's time is estimated from the last response`() {
        let time = ServerTime()
        #expect(time.date(at: local) == local)
        let headers = [HTTPHeader("date", "Sun, 06 Nov 1994 08:59:37 GMT")]
        time.take(HTTPResponse(status: 503, headers: headers), at: local)
        #expect(time.date(at: local).timeIntervalSince(local) == 600)
        #expect(time.date(at: local.addingTimeInterval(60)).timeIntervalSince(local) == 660)
    }

    @Test func `a response without a valid date changes nothing`() {
        let time = ServerTime()
        time.take(HTTPResponse(status: 200, headers: [HTTPHeader("Date", "soon")]), at: local)
        time.take(HTTPResponse(status: 200), at: local)
        for text in ["Fri, 31 Dec 9999 23:59:59 GMT", "1e30", "99999999999999999999", "Thu, 01 Jan 1900 00:00:00 GMT"] {
            time.take(HTTPResponse(status: 200, headers: [HTTPHeader("Date", text)]), at: local)
        }
        #expect(time.date(at: local) == local)
    }
}
