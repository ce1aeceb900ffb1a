import ControlPlaneTypes
import FoundationEssentials
import JSON
import TestSupport
import Testing

@testable import ControlPlane

@Suite struct DocumentTests {
    let fixture: ClientFixture
    var client: ControlPlaneClient { fixture.client }
    var stub: StubTransport { fixture.stub }
    let root = "/api-host/v2/deployments"

    init() throws {
        fixture = try ClientFixture()
    }

    private func page(_ range: Range<Int>, next: Int) -> StubReply {
        .json(ClientFixture.page(range.map { ClientFixture.deployment("d\($0)") }, next: next))
    }

    @Test func `a list has all pages as the control plane writes them`() async throws {
        stub.on(.get, root + "?limit=100&offset=0", page(0..<100, next: 100))
        let odd = #"{"id":"x","z":1.50,"a":{"new":[1e3]},"name":"n"}"#
        stub.on(.get, root + "?limit=100&offset=100", .json(ClientFixture.page([odd], next: 101)))
        let rows = try await client.documents(.deployments(DeploymentFilter()))
        #expect(rows.count == 101)
        #expect(rows.last.map { String(decoding: $0.data, as: UTF8.self) } == odd)
        stub.expectAllUsed()
    }

    @Test func `a limit requests no more than needed`() async throws {
        stub.on(.get, root + "?limit=100&offset=0", page(0..<100, next: 100))
        stub.on(.get, root + "?limit=20&offset=100", page(100..<120, next: 120))
        #expect(try await client.documents(.deployments(DeploymentFilter()), limit: 120).count == 120)
        stub.on(.get, root + "?limit=3&offset=0", page(0..<9, next: 9))
        #expect(try await client.documents(.deployments(DeploymentFilter()), limit: 3).count == 3)
        #expect(try await client.documents(.deployments(DeploymentFilter()), limit: 0).isEmpty)
        stub.expectAllUsed()
    }

    @Test func `row 53: a control plane that ignores the offset is an error, not an incomplete list`() async throws {
        stub.onEvery(.get, root, page(0..<100, next: 100))
        let error = await #expect(throws: ControlPlaneError.self) {
            try await client.documents(.deployments(DeploymentFilter()))
        }
        #expect(error?.kind == .notSupported)
        #expect(error?.hint?.contains("--limit 100") == true)
        #expect(stub.requests.count == 2)
        #expect(try await client.documents(.deployments(DeploymentFilter()), limit: 100).count == 100)
    }

    @Test func `resources that move to the next page are listed once`() async throws {
        stub.on(.get, root + "?limit=100&offset=0", page(0..<100, next: 100))
        stub.on(.get, root + "?limit=100&offset=100", page(98..<110, next: 112))
        #expect(try await client.documents(.deployments(DeploymentFilter())).count == 110)
    }

    @Test func `a lookup by name fails on a control plane that ignores the offset`() async throws {
        stub.onEvery(.get, root, page(0..<100, next: 100))
        let error = await #expect(throws: ControlPlaneError.self) {
            try await client.deploymentDocument(named: "other")
        }
        #expect(error?.kind == .notSupported)
        #expect(try await client.deploymentDocument(named: "agent")?["id"]?.text == "d0")
    }

    @Test func `a name finds the deployment that is not being deleted, else one that is if requested`() async throws {
        let deleted = ClientFixture.deployment("d1", status: "AWAITING_DELETE")
        let query = root + "?name=agent&name_contains=agent&limit=100&offset=0"
        stub.on(.get, query, .json(ClientFixture.page([deleted, ClientFixture.deployment("d2")], next: 2)))
        #expect(try await client.deploymentDocument(named: "agent", includingDeleted: true)?["id"]?.text == "d2")
        stub.onEvery(.get, query, .json(ClientFixture.page([deleted], next: 1)))
        #expect(try await client.deploymentDocument(named: "agent", includingDeleted: true)?["id"]?.text == "d1")
        #expect(try await client.deploymentDocument(named: "agent") == nil)
    }

    @Test func `every filter becomes a query`() async throws {
        stub.on(
            .get,
            root + "?name=n&name_contains=n&status=READY&deployment_type=dev&image_version=0.4&deployment_ids=a%2Cb"
                + "&tag_value_ids=t%2Cu&remote_reconciled=false&url=https%3A%2F%2Fh&limit=100&offset=0",
            .json(ClientFixture.page([], next: 0)))
        var filter = DeploymentFilter()
        filter.name = "n"
        filter.nameContains = "n"
        filter.status = .ready
        filter.deploymentType = "dev"
        filter.imageVersion = "0.4"
        filter.ids = ["a", "b"]
        filter.tagValueIDs = ["t", "u"]
        filter.isRemoteReconciled = false
        filter.url = "https://h"
        #expect(try await client.documents(.deployments(filter)).isEmpty)
        stub.expectAllUsed()
    }

    @Test func `filters that older control planes ignore are applied by the client`() async throws {
        let rows = [
            ClientFixture.deployment("a", name: "agent"), ClientFixture.deployment("b", name: "agent-2"),
            #"{"id":"c","name":"agent","url":"https://h/"}"#,
        ]
        stub.onEvery(.get, root, .json(ClientFixture.page(rows, next: 3)))
        var filter = DeploymentFilter()
        filter.name = "agent"
        #expect(try await client.documents(.deployments(filter)).map { $0["id"]?.text } == ["a", "c"])
        filter.url = "https://h"
        #expect(try await client.documents(.deployments(filter)).map { $0["id"]?.text } == ["c"])
    }

    @Test func `a response that is not a list is retried and then reported`() async throws {
        stub.onEvery(.get, root, .json("<html>login</html>"))
        let error = await #expect(throws: ControlPlaneError.self) {
            try await client.documents(.deployments(DeploymentFilter()))
        }
        #expect(error?.kind == .undecodable)
        #expect(error?.message.contains("not JSON") == true)
        #expect(stub.requests.count == 5)
    }

    @Test func `a body is sent unchanged`() async throws {
        stub.on(.post, root, .json(ClientFixture.deployment(), status: 201))
        let body = #"{"name":"n","z":[1.50],"a":null}"#
        _ = try await client.createDeployment(document: try RawJSON(parsing: Data(body.utf8)))
        #expect(try fixture.sentBody() == body)
    }

    @Test func `secrets of the body are redacted from an error`() async throws {
        stub.on(.patch, root + "/d", .json(#"{"detail":"value hunter22 is not allowed"}"#, status: 400))
        let body = try RawJSON(parsing: Data(#"{"secrets":[{"name":"A","value":"hunter22"}]}"#.utf8))
        let error = await #expect(throws: ControlPlaneError.self) {
            try await client.patchDeployment("d", document: body)
        }
        #expect(error?.message.contains("hunter22") == false)
        #expect(error?.message.contains("***") == true)
    }

    @Test func `several deployments can be deleted with one request`() async throws {
        stub.on(.delete, root + "?deployment_ids=a&deployment_ids=b", .json(#"{"failed":[]}"#, status: 207))
        #expect(try await client.deleteDeployments(["a", "b"])?["failed"]?.elements == [])
        stub.on(.delete, root + "?deployment_ids=a", .status(200))
        #expect(try await client.deleteDeployments(["a"]) == nil)
        stub.on(.delete, root + "/a?delete_tracing_project=true&force=true", .status(204))
        try await client.deleteDeployment("a", deleteTracingProject: true, force: true)
        stub.expectAllUsed()
    }

    @Test func `an interruption returns the response if it is JSON`() async throws {
        stub.on(.post, root + "/d/revisions/r/interruption", .json("{}"), .status(200, body: "OK"))
        #expect(try await client.interruptDocument("r", of: "d") == .object([]))
        #expect(try await client.interruptDocument("r", of: "d") == nil)
    }

    @Test(arguments: [404, 405])
    func `an older control plane is called at the older log endpoint`(status: Int) async throws {
        stub.on(.get, root + "/d/revisions/r/logs", .status(status))
        stub.on(.post, "/api-host/v1/projects/d/revisions/r/deploy_logs", .json(#"{"logs":[{"message":"m"}]}"#))
        var query = LogQuery(.deploy, limit: 5)
        query.level = "ERROR"
        query.text = "boom"
        query.startTime = "2030-01-01T00:00:00Z"
        let page = try await client.logPageDocument(query, ofRevision: "r", of: "d")
        #expect(page["logs"]?.elements?.first?["message"]?.text == "m")
        #expect(
            stub.requests.first?.url.contains("&level=ERROR&query=boom&start_time=2030-01-01T00%3A00%3A00Z") == true)
        #expect(
            try fixture.sentBody()
                == #"{"level":"ERROR","limit":5,"order":"asc","query":"boom","start_time":"2030-01-01T00:00:00Z"}"#)
    }
}
