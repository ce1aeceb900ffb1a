import Clocks
import ControlPlaneTypes
import Foundation
import GRDB
import Logging
import NIOCore
import TestSupport

@testable import LocalControlPlane

/// A control plane without a socket: requests go straight to its router, agents are fakes.
struct PlaneFixture: Sendable {
    static let key = "the-key"

    let plane: Plane
    let runtime: FakeRuntime
    let repositories: FakeRepositories
    let clock: VirtualClock
    private let client: RouterClient

    var store: Store { plane.store }

    init(
        state: StateDirectory, runtime: FakeRuntime = FakeRuntime(),
        repositories: FakeRepositories = FakeRepositories(),
        clock: VirtualClock = VirtualClock(), policy: PlanePolicy = PlanePolicy()
    ) async throws {
        self.runtime = runtime
        self.repositories = repositories
        self.clock = clock
        plane = try await Plane(
            state: state, store: try Store.open(at: state.database.path(percentEncoded: false)),
            key: APIKey(Self.key), runtime: runtime, access: repositories, clock: clock,
            ids: { UUID().uuidString.lowercased() }, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            policy: policy)
        client = RouterClient(plane)
    }

    /// A plane that serves the repository but does no work: revisions stay QUEUED.
    static func withIdle<Result>(_ body: (PlaneFixture) async throws -> Result) async throws -> Result {
        try await withState { state in
            let fixture = try await PlaneFixture(state: state)
            try await fixture.plane.catalog.serve(FakeRepositories.path)
            return try await body(fixture)
        }
    }

    /// A plane that recovers, then works until the body returns.
    static func withWorking<Result: Sendable>(
        _ body: @Sendable (PlaneFixture) async throws -> Result
    ) async throws -> Result {
        try await withState { state in
            let fixture = try await PlaneFixture(state: state)
            try await fixture.plane.catalog.serve(FakeRepositories.path)
            return try await fixture.working { try await body(fixture) }
        }
    }

    /// As if the process were killed when the body returns: nothing is stopped, nothing is written any more.
    func working<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
        try await plane.recovery.run()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await plane.reconciler.run() }
            group.addTask { await plane.supervisor.watchAll() }
            let result = try await body()
            group.cancelAll()
            return result
        }
    }

    static func withState<Result>(_ body: (StateDirectory) async throws -> Result) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "plane-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(try StateDirectory(preparing: folder.path(percentEncoded: false)))
    }

    func send(
        _ method: RouterClient.Method, _ path: String, json: String? = nil, key: String? = PlaneFixture.key,
        tenant: String? = nil
    ) async throws -> Answer {
        try await client.send(method, path, bytes: json.map { ByteBuffer(string: $0) }, key: key, tenant: tenant)
    }

    func send(
        _ method: RouterClient.Method, _ path: String, bytes: ByteBuffer, key: String? = PlaneFixture.key
    ) async throws -> Answer {
        try await client.send(method, path, bytes: bytes, key: key, tenant: nil)
    }

    /// Waits until a revision has the status; the store tells of each change.
    func wait(for id: RevisionID, toBe status: RevisionStatus) async throws {
        let changes = ValueObservation.tracking { database in
            try RevisionRecord.filter(Column("id") == id).fetchOne(database)?.status
        }
        for try await seen in changes.values(in: store.database) where seen == status { return }
    }
}
