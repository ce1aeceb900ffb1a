import Clocks
import ControlPlaneTypes
import Foundation
import GRDB
import Logging
import NIOCore
import TestSupport
import Testing

@testable import LocalControlPlane

/// A control plane without a socket: requests go straight to its router, agents are fakes.
struct ServerFixture: Sendable {
    static let key = "the-key"

    let components: ServerComponents
    let runtime: FakeRuntime
    let repositories: FakeRepositories
    let clock: VirtualClock
    private let client: RouterClient

    var store: Store { components.store }

    init(
        state: PlaneDirectory, runtime: FakeRuntime = FakeRuntime(),
        repositories: FakeRepositories = FakeRepositories(),
        clock: VirtualClock = VirtualClock(), options: ServerOptions = ServerOptions()
    ) async throws {
        self.runtime = runtime
        self.repositories = repositories
        self.clock = clock
        components = try await ServerComponents(
            state: state, store: try Store.open(at: state.database.path(percentEncoded: false)),
            key: APIKey(Self.key), runtime: runtime, access: repositories, clock: clock,
            ids: { UUID().uuidString.lowercased() }, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            options: options)
        client = RouterClient(components)
    }

    /// A plane that serves the repository but does no work: revisions stay QUEUED.
    static func withIdle<Result>(_ body: (ServerFixture) async throws -> Result) async throws -> Result {
        try await withState { state in
            let fixture = try await ServerFixture(state: state)
            try await fixture.components.catalog.serve(FakeRepositories.path)
            return try await body(fixture)
        }
    }

    /// A plane that recovers, then works until the body returns.
    static func withWorking<Result: Sendable>(
        _ body: @Sendable (ServerFixture) async throws -> Result
    ) async throws -> Result {
        try await withState { state in
            let fixture = try await ServerFixture(state: state)
            try await fixture.components.catalog.serve(FakeRepositories.path)
            return try await fixture.working { try await body(fixture) }
        }
    }

    /// As if the process were killed when the body returns: nothing is stopped, nothing is written any more.
    func working<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
        try await components.recovery.run()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await components.reconciler.run() }
            group.addTask { await components.supervisor.watchAll() }
            let result = try await body()
            group.cancelAll()
            return result
        }
    }

    static func withState<Result>(_ body: (PlaneDirectory) async throws -> Result) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "plane-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(try PlaneDirectory(preparing: folder.path(percentEncoded: false)))
    }

    func send(
        _ method: RouterClient.Method, _ path: String, json: String? = nil, key: String? = ServerFixture.key,
        tenant: String? = nil
    ) async throws -> TestResponse {
        try await exchange(method, path, bytes: json.map { ByteBuffer(string: $0) }, key: key, tenant: tenant)
    }

    func send(
        _ method: RouterClient.Method, _ path: String, bytes: ByteBuffer, key: String? = ServerFixture.key
    ) async throws -> TestResponse {
        try await exchange(method, path, bytes: bytes, key: key, tenant: nil)
    }

    /// Fails the test when the response is not as the description of the API says.
    private func exchange(
        _ method: RouterClient.Method, _ path: String, bytes: ByteBuffer?, key: String?, tenant: String?
    ) async throws -> TestResponse {
        let response = try await client.send(method, path, bytes: bytes, key: key, tenant: tenant)
        // A fault closes the connection: a client sees no response.
        if response.status == 502, response.bytes.isEmpty { return response }
        let problems = try OpenAPIDocument.project.get().problems(
            inResponse: response.status, body: try? response.json, to: method.rawValue.uppercased(),
            path: String(path.prefix { $0 != "?" }))
        for problem in problems { Issue.record("\(problem)") }
        return response
    }

    /// Waits until a revision has the status.
    func wait(for id: RevisionID, toBe status: RevisionStatus) async throws {
        let changes = ValueObservation.tracking { database in
            try RevisionRecord.filter(Column("id") == id).fetchOne(database)?.status
        }
        let store = store
        try await waiting(until: "revision \(id) is \(status)") {
            for try await seen in changes.values(in: store.database) where seen == status { return }
        }
    }
}

extension ServerFixture {
    func integrationID() async throws -> String {
        let integrations = try await send(.get, "/v1/integrations/github/install").decoded(as: [GithubIntegration].self)
        return try #require(integrations.first?.id)
    }

    func githubBody(name: String = "demo", ref: String = "main", secrets: String = "[]") async throws -> String {
        """
        {"name": "\(name)", "source": "github", "secrets": \(secrets),
         "source_config": {"integration_id": "\(try await integrationID())", "deployment_type": "dev",
                           "repo_url": "https://github.com/acme/agent"},
         "source_revision_config": {"repo_ref": "\(ref)", "langgraph_config_path": "langgraph.json"}}
        """
    }

    @discardableResult
    func createDeployment(name: String = "demo", secrets: String = "[]") async throws -> Deployment {
        let answer = try await send(.post, "/v2/deployments", json: try await githubBody(name: name, secrets: secrets))
        try #require(answer.status == 201, "\(String(decoding: answer.bytes, as: UTF8.self))")
        return try answer.decoded()
    }

    @discardableResult
    func addRevision(to deployment: DeploymentID) async throws -> RevisionID {
        let answer = try await send(
            .post, "/v2/deployments/\(deployment)/revisions",
            json: #"{"source_revision_config": {"repo_ref": "main"}}"#)
        try #require(answer.status == 201)
        return try answer.decoded(as: Revision.self).id
    }

    func deployment(_ id: DeploymentID) async throws -> Deployment {
        try await send(.get, "/v2/deployments/\(id)").decoded()
    }

    func status(of revision: RevisionID) async throws -> RevisionStatus? {
        try await store.revision(revision)?.status
    }

    /// A deployment whose first revision is live.
    func deployed(name: String = "demo") async throws -> (id: DeploymentID, revision: RevisionID) {
        let deployment = try await createDeployment(name: name)
        let revision = try #require(deployment.latestRevisionID)
        try await wait(for: revision, toBe: .deployed)
        return (deployment.id, revision)
    }
}
