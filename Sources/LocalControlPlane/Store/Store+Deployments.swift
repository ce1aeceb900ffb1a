import ControlPlaneTypes
import Foundation
import GRDB

extension Store {
    func deployment(_ id: DeploymentID) async throws -> DeploymentRecord? {
        try await database.read { try DeploymentRecord.fetchOne($0, key: id) }
    }

    func deployments() async throws -> [DeploymentRecord] {
        try await database.read { try DeploymentRecord.fetchAll($0) }
    }

    /// A part of a list, newest first, as of one moment.
    ///
    /// - Parameter rendered: the document of a version, when there is one already; its row is not read then.
    func deployments(
        matching filter: DeploymentFilter, slice: PageSlice,
        rendered: @Sendable @escaping (DeploymentVersion) -> [UInt8]?
    ) async throws -> [ListedDeployment] {
        try await database.read { database in
            let versions = try filter.page(slice).fetchAll(database)
            let documents = versions.map(rendered)
            let unrendered = zip(versions, documents).filter { $1 == nil }.map { $0.0.id }
            let records = try DeploymentRecord.fetchAll(database, keys: unrendered)
            let latest = try Self.revisions(Set(records.compactMap(\.latestRevisionID)), in: database)
            let stored = Dictionary(records.map { ($0.id, $0) }) { $1 }
            return zip(versions, documents).compactMap { version, document in
                if let document { return .rendered(document) }
                return stored[version.id].map { record in
                    .stored(version, record, latest: record.latestRevisionID.flatMap { latest[$0] })
                }
            }
        }
    }

    /// Those that want a revision of every push.
    func deploymentsBuiltOnPush() async throws -> [DeploymentRecord] {
        try await database.read { database in
            try DeploymentRecord.filter(Column("status") == DeploymentStatus.ready)
                .filter(sql: "json_extract(sourceConfig, '$.build_on_push') = 1").fetchAll(database)
        }
    }

    /// How many deployments of the free types a workspace has.
    func freeDeployments(of tenant: String) async throws -> Int {
        try await database.read { database in
            try DeploymentRecord.filter(Column("tenantID") == tenant)
                .filter(sql: "json_extract(sourceConfig, '$.deployment_type') IN ('dev_free', 'dev_free_zero')")
                .fetchCount(database)
        }
    }

    /// Stores a new deployment, and its first revision when it has one.
    ///
    /// - Returns: false when the tenant has a deployment of that name; nothing is stored then.
    func create(_ deployment: DeploymentRecord, firstRevision: RevisionRecord?) async throws -> Bool {
        try await database.write { database in
            let named = DeploymentRecord.filter(
                Column("tenantID") == deployment.tenantID && Column("name") == deployment.name)
            guard try named.isEmpty(database) else { return false }
            try deployment.insert(database)
            try firstRevision?.insert(database)
            return true
        }
    }

    /// Changes what is stored of a deployment in one transaction.
    ///
    /// - Returns: the deployment after the change; nil when there is none.
    @discardableResult
    func update(
        _ id: DeploymentID, change: @Sendable @escaping (inout DeploymentRecord) -> Void
    ) async throws -> DeploymentRecord? {
        try await database.write { database in
            guard var deployment = try DeploymentRecord.fetchOne(database, key: id) else { return nil }
            change(&deployment)
            try deployment.update(database)
            return deployment
        }
    }

    /// Removes a deployment with its revisions and frees its name.
    func remove(_ id: DeploymentID) async throws {
        try await database.write { database in
            _ = try DeploymentRecord.deleteOne(database, key: id)
        }
    }
}
