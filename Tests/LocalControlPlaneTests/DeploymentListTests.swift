import ControlPlaneTypes
import Foundation
import GRDB
import TestSupport
import Testing

@testable import LocalControlPlane

/// A list after writes of every kind: what it tells was never kept from before them.
@Suite(.timeLimit(.minutes(2)))
struct DeploymentListTests {
    private func list(_ fixture: ServerFixture, _ query: String = "") async throws -> [Deployment] {
        try await fixture.send(.get, "/v2/deployments?\(query)").decoded(as: Page<Deployment>.self).resources
    }

    private func listed(_ fixture: ServerFixture) async throws -> [JSONValue] {
        guard case .object(let page) = try await fixture.send(.get, "/v2/deployments").json,
            case .array(let resources) = page["resources"]
        else { throw NoPage() }
        return resources
    }

    private struct NoPage: Error {}

    /// The same plane's store, as another process would open it.
    private func elsewhere(_ fixture: ServerFixture, _ sql: String, _ arguments: StatementArguments = []) async throws {
        let other = try DatabaseQueue(path: fixture.components.state.database.path(percentEncoded: false))
        try await other.write { try $0.execute(sql: sql, arguments: arguments) }
    }

    @Test
    func `a list shows what every earlier request has written`() async throws {
        try await ServerFixture.withIdle { fixture in
            fixture.repositories.set("next", to: FakeRepositories.second)
            let made = try await fixture.createDeployment()
            let path = "/v2/deployments/\(made.id)"
            let writes: [(RouterClient.Method, String, String)] = [
                (.patch, path, #"{"display_name": "Demo"}"#),
                (.patch, path, #"{"tracked_repo_ref": "next"}"#),
                (.patch, path, #"{"secrets": [{"name": "A", "value": "b"}]}"#),
                (.patch, path, #"{"source_config": {"resource_spec": {"cpu": 1}}}"#),
                (.patch, "\(path)/deployment-tier", #"{"deployment_tier": "DEDICATED_S"}"#),
                (.patch, "\(path)/resource-tiers", #"{"compute_tier": "DEDICATED_L"}"#),
                (.post, "\(path)/revisions", #"{"source_revision_config": {"repo_ref": "main"}}"#),
                (.post, "\(path)/revisions/\(try #require(made.latestRevisionID))/redeploy", "{}"),
                (.delete, path, "{}"),
            ]
            var before = try await listed(fixture)
            for (method, path, body) in writes {
                let answer = try await fixture.send(method, path, json: body)
                #expect((200..<300).contains(answer.status), "\(method) \(path) \(body)")
                let after = try await listed(fixture)
                #expect(after != before, "\(method) \(path) \(body)")
                #expect(after == [try await fixture.send(.get, "/v2/deployments/\(made.id)").json])
                before = after
            }
            #expect(try await fixture.send(.delete, "\(path)?force=true").status == 204)
            #expect(try await listed(fixture).isEmpty)
        }
    }

    @Test
    func `a list shows a revision that became live`() async throws {
        try await ServerFixture.withWorking { fixture in
            let made = try await fixture.createDeployment()
            #expect(try await list(fixture).first?.latestRevisionID == made.latestRevisionID)
            let revision = try #require(made.latestRevisionID)
            try await fixture.wait(for: revision, toBe: .deployed)
            let live = try #require(try await list(fixture).first)
            #expect(live.activeRevisionID == revision)
            #expect(live.url == (try await fixture.deployment(made.id)).url)
            #expect(live.url != nil)
        }
    }

    @Test
    func `a list shows writes of another connection`() async throws {
        try await ServerFixture.withIdle { fixture in
            let id = try await fixture.createDeployment(name: "one").id
            #expect(try await list(fixture).map(\.name) == ["one"])
            try await elsewhere(fixture, "UPDATE deployments SET name = ? WHERE id = ?", ["two", id.rawValue])
            #expect(try await list(fixture).map(\.name) == ["two"])
            try await elsewhere(fixture, "UPDATE revisions SET config = ?", [#"{"repo_ref": "next"}"#])
            #expect(try await list(fixture).first?.sourceRevisionConfig?.repoRef == "next")
            let columns = "id, deploymentID, source, status, secrets, artifactID, isBuilt, createdAt, updatedAt, config"
            try await elsewhere(fixture, "CREATE TABLE aside AS SELECT \(columns) FROM revisions")
            try await elsewhere(fixture, "DELETE FROM revisions")
            #expect(try await list(fixture).first?.sourceRevisionConfig?.repoRef == nil)
            try await elsewhere(fixture, "INSERT INTO revisions (\(columns)) SELECT * FROM aside")
            #expect(try await list(fixture).first?.sourceRevisionConfig?.repoRef == "next")
        }
    }

    @Test
    func `a removed and recreated row has a new version`() async throws {
        try await ServerFixture.withIdle { fixture in
            var record = DeploymentRecord(
                id: "11111111-1111-4111-8111-111111111111", tenantID: APIRequestContext.defaultTenant, name: "demo",
                source: .internalSource,
                sourceConfig: SourceConfig(), createdAt: fixture.clock.date, updatedAt: fixture.clock.date)
            #expect(try await fixture.store.create(record, firstRevision: nil))
            #expect(try await list(fixture).map(\.displayName) == [nil])
            try await fixture.store.remove(record.id)
            record.displayName = "again"
            #expect(try await fixture.store.create(record, firstRevision: nil))
            #expect(try await list(fixture).map(\.displayName) == ["again"])
        }
    }

    @Test
    func `a rolled back write does not show in a list`() async throws {
        struct GivenUp: Error {}
        try await ServerFixture.withIdle { fixture in
            let id = try await fixture.createDeployment().id
            func rename(_ name: String, _ fails: Bool) async throws {
                try await fixture.store.database.write { database in
                    try database.execute(
                        sql: "UPDATE deployments SET displayName = ? WHERE id = ?", arguments: [name, id.rawValue])
                    if fails { throw GivenUp() }
                }
            }
            try await rename("first", false)
            #expect(try await list(fixture).map(\.displayName) == ["first"])
            await #expect(throws: GivenUp.self) { try await rename("never", true) }
            #expect(try await list(fixture).map(\.displayName) == ["first"])
            try await rename("second", false)
            #expect(try await list(fixture).map(\.displayName) == ["second"])
        }
    }

    @Test
    func `concurrent lists never miss an acknowledged write`() async throws {
        try await ServerFixture.withIdle { fixture in
            let id = try await fixture.createDeployment().id
            let acknowledged = Counter()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        while true {
                            let least = acknowledged.value
                            let seen = try await list(fixture).first?.displayName.flatMap(Int.init) ?? 0
                            try #require(seen >= least)
                            if least == 100 { return }
                        }
                    }
                }
                for number in 1...100 {
                    try await fixture.store.update(id) { $0.displayName = String(number) }
                    acknowledged.value = number
                }
                try await group.waitForAll()
            }
        }
    }

    private final class Counter: @unchecked Sendable {
        private let lock = NSLock()
        private var number = 0

        var value: Int {
            get { lock.withLock { number } }
            set { lock.withLock { number = newValue } }
        }
    }

    @Test
    func `a page is read in the order of its index, without sorting`() async throws {
        try await ServerFixture.withIdle { fixture in
            let plan = try await fixture.store.database.read { database in
                let filter = DeploymentFilter(tenantID: "t")
                let statement = try filter.page(PageSlice(limit: 100, offset: 900)).makePreparedRequest(database)
                    .statement
                return try Row.fetchAll(
                    database, sql: "EXPLAIN QUERY PLAN \(statement.sql)", arguments: statement.arguments
                ).map { $0["detail"] as String }
            }
            #expect(plan == ["SEARCH deployments USING INDEX deployments_by_age (tenantID=?)"])
        }
    }
}

struct DeploymentJSONCacheTests {
    private func version(_ id: String, _ number: Int64) -> DeploymentVersion {
        DeploymentVersion(id: DeploymentID(id), number: number)
    }

    @Test
    func `a cached document belongs to one version`() {
        let cache = DeploymentJSONCache()
        cache.insert([1], of: version("a", 7))
        #expect(cache.json(of: version("a", 7)) == [1])
        #expect(cache.json(of: version("a", 8)) == nil)
        #expect(cache.json(of: version("b", 7)) == nil)
        cache.insert([2], of: version("a", 8))
        #expect(cache.json(of: version("a", 8)) == [2])
        #expect(cache.json(of: version("a", 7)) == nil)
    }

    @Test
    func `the cache stays within its limit, and a replaced document counts once`() {
        let cache = DeploymentJSONCache(limit: 10)
        for number in 1...20 { cache.insert(Array(repeating: 0, count: 6), of: version("a", Int64(number))) }
        cache.insert(Array(repeating: 1, count: 4), of: version("b", 1))
        #expect(cache.json(of: version("a", 20)) != nil)
        #expect(cache.json(of: version("b", 1)) != nil)
        cache.insert([2], of: version("c", 1))
        #expect(cache.json(of: version("a", 20)) == nil)
        cache.insert([3], of: version("c", 1))
        #expect(cache.json(of: version("c", 1)) == [3])
    }
}
