import ControlPlaneTypes
import Foundation
import GRDB
import Redaction
import TestSupport
import Testing

@testable import LocalControlPlane

struct StoreTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000.123456)

    private func deployment(_ id: String, name: String = "demo") -> DeploymentRecord {
        DeploymentRecord(
            id: DeploymentID(id), tenantID: "t", name: name, source: .github, sourceConfig: SourceConfig(),
            createdAt: now, updatedAt: now)
    }

    private func revision(_ id: String, of deployment: String, status: RevisionStatus = .queued) -> RevisionRecord {
        RevisionRecord(
            id: RevisionID(id), deploymentID: DeploymentID(deployment), source: .github, status: status,
            config: SourceRevisionConfig(), artifactID: RevisionID(id), createdAt: now, updatedAt: now)
    }

    private func store() throws -> Store { try Store(database: DatabaseQueue()) }

    @Test
    func `a database of the first schema is migrated with its contents`() async throws {
        let queue = try DatabaseQueue()
        try Migrations.migrator.migrate(queue, upTo: "1: first schema")
        try await queue.write { database in
            try database.execute(
                sql: """
                    INSERT INTO deployments (id, tenantID, name, source, sourceConfig, secrets, status, createdAt, updatedAt)
                    VALUES ('d', 't', 'demo', 'github', '{}', '[]', 'READY', 1, 1)
                    """)
        }
        let record = try #require(try await Store(database: queue).deployment(DeploymentID("d")))
        #expect(record.name == "demo")
        #expect(record.watchedCommit == nil)
    }

    @Test
    func `records are read back unchanged`() async throws {
        let store = try store()
        var record = deployment("d")
        record.sourceConfig.resourceSpec = .object(["cpu": .decimal(0.5)])
        record.secrets = [Secret(name: "A", value: SecretValue("b"))]
        record.trackedRef = "main"
        #expect(try await store.create(record, firstRevision: revision("r", of: "d")))
        let stored = try #require(try await store.deployment(record.id))
        #expect(stored.sourceConfig == record.sourceConfig)
        #expect(stored.secrets == record.secrets)
        #expect(stored.createdAt == now)
        #expect(try await store.revision(RevisionID("r"))?.sequence == 1)
    }

    @Test
    func `a deployment name is unique in a workspace`() async throws {
        let store = try store()
        #expect(try await store.create(deployment("a"), firstRevision: nil))
        #expect(try await !store.create(deployment("b"), firstRevision: nil))
    }

    @Test
    func `an event that does not apply changes nothing`() async throws {
        let store = try store()
        _ = try await store.create(deployment("d"), firstRevision: revision("r", of: "d", status: .interrupted))
        #expect(try await store.apply(.built, to: RevisionID("r"), at: now) == nil)
        #expect(try await store.revision(RevisionID("r"))?.status == .interrupted)
    }

    @Test
    func `the active pointer and the status change together`() async throws {
        let store = try store()
        _ = try await store.create(deployment("d"), firstRevision: revision("r", of: "d", status: .deploying))
        let agent = AgentRecord(
            revisionID: RevisionID("r"), deploymentID: DeploymentID("d"), pid: 7, startTime: .init(Int64.max), port: 1)
        #expect(try await store.activate(agent, at: now) == [.retirePrevious])
        #expect(try await store.deployment(DeploymentID("d"))?.activeRevisionID == RevisionID("r"))
        #expect(try await store.revision(RevisionID("r"))?.status == .deployed)
        #expect(try await store.agents() == [agent])
        #expect(try await store.activate(agent, at: now) == nil, "it is deployed already")
    }

    @Test
    func `no revision of a deployment that is being deleted becomes live`() async throws {
        let store = try store()
        _ = try await store.create(deployment("d"), firstRevision: revision("r", of: "d", status: .deploying))
        try await store.update(DeploymentID("d")) { $0.status = .awaitingDelete }
        let agent = AgentRecord(
            revisionID: RevisionID("r"), deploymentID: DeploymentID("d"), pid: 7, startTime: 7, port: 1)
        #expect(try await store.activate(agent, at: now) == nil)
        #expect(try await store.agents().isEmpty)
    }

    @Test
    func `removing a deployment removes its revisions`() async throws {
        let store = try store()
        _ = try await store.create(deployment("d"), firstRevision: revision("r", of: "d"))
        try await store.remove(DeploymentID("d"))
        #expect(try await store.revision(RevisionID("r")) == nil)
        #expect(try await store.create(deployment("e"), firstRevision: nil))
    }

    @Test
    func `removing a stopped agent keeps the record of its successor`() async throws {
        let store = try store()
        var agent = AgentRecord(
            revisionID: RevisionID("r"), deploymentID: DeploymentID("d"), pid: 7, startTime: 7, port: 1)
        try await store.saveAgent(agent)
        let old = agent
        agent.pid = 8
        try await store.saveAgent(agent)
        try await store.removeAgent(old)
        #expect(try await store.agents() == [agent])
    }

    @Test
    func `an acknowledged write is on disk`() async throws {
        try await ServerFixture.withState { state in
            let store = try Store.open(at: state.database.path(percentEncoded: false))
            let (journal, synchronous) = try await store.database.write { database in
                (
                    try String.fetchOne(database, sql: "PRAGMA journal_mode"),
                    try Int.fetchOne(database, sql: "PRAGMA synchronous")
                )
            }
            #expect(journal == "wal")
            #expect(synchronous == 2, "FULL")
        }
    }
}
