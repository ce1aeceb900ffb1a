import Clocks
import ControlPlane
import ControlPlaneTypes
import FoundationEssentials
import Redaction
import TestSupport
import Testing

/// The model, asked through the client: whatever it answers has to fit the wire types.
@Suite struct ModelControlPlaneTests {
    private let clock = VirtualClock(automatic: true)
    private let plane: ModelControlPlane

    init() {
        plane = ModelControlPlane(clock: clock)
        plane.world { $0.remote["main"] = "c1" }
    }

    private func client(key: String? = nil) throws -> ControlPlaneClient {
        ControlPlaneClient(
            address: try ControlPlaneAddress(ModelControlPlane.url, source: "test"),
            credentials: try Credentials(apiKey: key ?? plane.world(\.key), source: "test"), transport: plane,
            clock: clock, jitter: { 0 })
    }

    private func creation(_ edit: (inout DeploymentCreateRequest) -> Void = { _ in }) -> DeploymentCreateRequest {
        var config = SourceConfig()
        config.integrationID = "i"
        config.repoURL = "https://github.com/octo/agent"
        config.deploymentType = "dev"
        config.buildOnPush = false
        var request = DeploymentCreateRequest(
            name: "agent", source: .github, sourceConfig: config, sourceRevisionConfig: revision.sourceRevisionConfig,
            secrets: [Secret(name: "TOKEN", value: SecretValue("hunter2"))])
        edit(&request)
        return request
    }

    private var revision: RevisionRequest {
        var config = SourceRevisionConfig()
        config.repoRef = "main"
        config.configPath = "langgraph.json"
        return RevisionRequest(sourceRevisionConfig: config)
    }

    private func kind(_ call: () async throws -> some Sendable) async -> ControlPlaneError.Kind? {
        await #expect(throws: ControlPlaneError.self) { _ = try await call() }?.kind
    }

    @Test func `a new deployment has its first revision, which ends up serving`() async throws {
        let client = try client()
        let made = try await client.createDeployment(creation())
        let first = try #require(made.latestRevisionID)
        #expect(made.activeRevisionID == nil && made.servingURL == nil)
        #expect(made.secrets?.first?.value.reveal() == "hunter2")
        #expect(try await client.revision(first, of: made.id).status == .creating)
        clock.advance(by: .seconds(60))
        #expect(try await client.revision(first, of: made.id).commitSHA == "c1")
        clock.advance(by: .seconds(60))
        let live = try await client.deployment(named: "agent")
        #expect(live?.activeRevisionID == first)
        #expect(live?.servingURL != nil)
        #expect(live?.sourceConfig?.buildOnPush == false)
        let revision = try await client.revision(first, of: made.id)
        #expect(revision.updatedAt?.date?.timeIntervalSince(try #require(revision.createdAt?.date)) == 90)
    }

    @Test func `a creation is checked`() async throws {
        let client = try client()
        #expect(
            await kind { try await client.createDeployment(creation { $0.sourceConfig.repoURL = nil }) } == .rejected)
        _ = try await client.createDeployment(creation())
        #expect(await kind { try await client.createDeployment(creation()) } == .conflict)
    }

    @Test func `a deleted deployment keeps its name`() async throws {
        let client = try client()
        let made = try await client.createDeployment(creation())
        try await client.deleteDeployment(made.id)
        #expect(try await client.deployment(named: "agent") == nil)
        #expect(await kind { try await client.createDeployment(creation()) } == .conflict)
    }

    @Test func `keys and ids are checked`() async throws {
        let stranger = try client(key: "wrong-key")
        #expect(await kind { try await stranger.allDeployments() } == .unauthorised)
        let client = try client()
        #expect(await kind { try await client.deployment("11111111-0000-4000-8000-00000000000f") } == .notFound)
        let id = plane.world { $0.addDeployment(commits: ["c0"]) }
        #expect(await kind { try await client.revision("11111111-0000-4000-8000-00000000000f", of: id) } == .notFound)
    }

    @Test func `a revision is made by POST, or by PATCH on an older plane`() async throws {
        let client = try client()
        let id = plane.world { $0.addDeployment(commits: ["c0"]) }
        let made = try await client.createRevision(of: id, revision)
        #expect(try await client.deployment(id).latestRevisionID == made.id)
        plane.world { $0.behavior.isOlder = true }
        #expect(await kind { try await client.createRevision(of: id, revision) } == .notSupported)
        #expect(try await client.patchDeployment(id, revision).latestRevisionID != made.id)
        let count = plane.world { $0.deployment(id)?.revisions.count }
        _ = try await client.setBuildOnPush(true, of: id)
        #expect(plane.world { $0.deployment(id)?.revisions.count } == count)
    }

    @Test func `a redeploy makes a revision of the old commit, or starts the old one again`() async throws {
        let client = try client()
        let id = plane.world { $0.addDeployment(commits: ["c0", "c1"]) }
        let old = try #require(plane.world { $0.deployment(id)?.revisions.first?.id })
        let after = try await client.redeploy(old, of: id)
        #expect(after.latestRevisionID != old)
        clock.advance(by: .seconds(120))
        #expect(plane.world { $0.deployment(id)?.revisions.last?.commit } == "c0")
        plane.world { $0.behavior.redeploysSameRevision = true }
        #expect(try await client.redeploy(old, of: id).latestRevisionID == after.latestRevisionID)
        #expect(try await client.revision(old, of: id).status == .creating)
        clock.advance(by: .seconds(120))
        #expect(try await client.deployment(id).activeRevisionID == old)
    }

    @Test(arguments: [false, true])
    func `a revision is interrupted, and its logs are read`(isOlder: Bool) async throws {
        let client = try client()
        let id = plane.world { world in
            world.behavior.isOlder = isOlder
            return world.addDeployment(commits: ["c0"])
        }
        let made = try #require(plane.world { $0.push("main", to: id, at: clock.now, rollout: .stuck) })
        try await client.interrupt(made, of: id)
        #expect(try await client.revision(made, of: id).status == .interrupted)
        let lines = try await client.logs(.build, ofRevision: made, of: id, last: 1).map(\.message)
        #expect(lines == ["build done"])
    }

    @Test func `lists have pages and filters`() async throws {
        let client = try client()
        let id = plane.world { world in
            for number in 0..<150 { world.addDeployment(named: "agent-\(number)", commits: []) }
            return world.addDeployment(commits: (0..<25).map { "c\($0)" })
        }
        #expect(try await client.allDeployments().count == 151)
        #expect(try await client.deployment(named: "agent")?.id == id)
        let page = try await client.listRevisions(of: id, limit: 10, offset: 20)
        #expect(page.resources.map(\.commitSHA) == ["c4", "c3", "c2", "c1", "c0"] && page.offset == 25)
        #expect(try await client.listRevisions(of: id, status: [.buildFailed]).resources.isEmpty)
        #expect(await kind { try await client.listRevisions(of: id, limit: 101) } == .rejected)
        plane.world { $0.behavior.ignoresOffset = true }
        #expect(await kind { try await client.allDeployments() } == .notSupported)
        #expect(try await client.listAllDeployments().deployments.count == 100)
    }

    @Test func `reads lag behind changes when that is the plane's habit`() async throws {
        plane.world { $0.behavior.readLag = .seconds(5) }
        let client = try client()
        let made = try await client.createDeployment(creation())
        #expect(made.latestRevisionID != nil)
        #expect(await kind { try await client.deployment(made.id) } == .notFound)
        clock.advance(by: .seconds(5))
        #expect(try await client.deployment(made.id).latestRevisionID == made.latestRevisionID)
    }

    @Test func `an upload names an archive that is there`() async throws {
        let client = try client()
        let id = plane.world { $0.addDeployment(source: .internalSource, commits: []) }
        let target = try await client.requestUpload(for: id)
        var request = revision
        request.revisionSource = .internalSource
        request.sourceRevisionConfig.sourceTarballPath = target.objectPath
        #expect(await kind { try await client.createRevision(of: id, request) } == .rejected)
        let archive = URL(filePath: #filePath)
        try await client.upload(archive: archive.path, size: try Data(contentsOf: archive).count, to: target)
        let made = try await client.createRevision(of: id, request)
        #expect(made.sourceRevisionConfig?.sourceTarballPath == target.objectPath)
    }

    @Test func `integrations are listed`() async throws {
        #expect(try await client().githubIntegrations().map(\.name) == ["octo"])
    }
}
