import ControlPlaneTypes
import Foundation
import GRDB

/// A row of the `deployments` table.
struct DeploymentRecord: StoredRecord, Identifiable {
    static let databaseTableName = "deployments"

    var id: DeploymentID
    var tenantID: String
    var name: String
    var source: DeploymentSource
    var sourceConfig: SourceConfig
    var configPath: String?
    /// The branch or tag of the next revision when its request names none.
    var trackedRef: String?
    var secrets: [Secret] = []
    var displayName: String?
    var status: DeploymentStatus = .ready
    var latestRevisionID: RevisionID?
    var activeRevisionID: RevisionID?
    /// The port of the deployment's front proxy; stored so that its URL survives a restart.
    var frontPort: Int?
    var deploymentTier: String?
    var computeTier: String?
    var databaseTier: String?
    /// The last commit of the tracked branch that was deployed or seen; another one is a push.
    var watchedCommit: String?
    var createdAt: Date
    var updatedAt: Date
}

extension Store {
    func deployment(_ id: DeploymentID) async throws -> DeploymentRecord? {
        try await database.read { try DeploymentRecord.fetchOne($0, key: id) }
    }

    func deployments() async throws -> [DeploymentRecord] {
        try await database.read { try DeploymentRecord.fetchAll($0) }
    }

    /// Reads one page of a list, newest first, in one transaction.
    ///
    /// - Parameter rendered: returns the cached JSON of a version; its row is then not read.
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

    /// Deployments with `build_on_push`.
    func deploymentsBuiltOnPush() async throws -> [DeploymentRecord] {
        try await database.read { database in
            try DeploymentRecord.filter(Column("status") == DeploymentStatus.ready)
                .filter(sql: "json_extract(sourceConfig, '$.build_on_push') = 1").fetchAll(database)
        }
    }

    /// Counts a workspace's deployments of the free types.
    func freeDeployments(of tenant: String) async throws -> Int {
        try await database.read { database in
            try DeploymentRecord.filter(Column("tenantID") == tenant)
                .filter(sql: "json_extract(sourceConfig, '$.deployment_type') IN ('dev_free', 'dev_free_zero')")
                .fetchCount(database)
        }
    }

    /// Inserts a new deployment and its first revision, if any.
    ///
    /// - Returns: false, and inserts nothing, when the workspace has a deployment of that name.
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

    /// Changes a deployment in one transaction.
    ///
    /// - Returns: the changed deployment; nil when it does not exist.
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

    /// Removes a deployment and its revisions and frees its name.
    func remove(_ id: DeploymentID) async throws {
        try await database.write { database in
            _ = try DeploymentRecord.deleteOne(database, key: id)
        }
    }
}

/// The filters of a list of deployments; nil matches any.
struct DeploymentFilter: Sendable {
    var tenantID: String
    var name: String?
    var nameContains: String?
    var status: String?
    var ids: [String]?
    var deploymentType: String?
    var url: String?
    /// Filters by properties that only LangSmith's deployments have, so nothing matches.
    var wantsUnknown = false

    private var request: QueryInterfaceRequest<DeploymentRecord> {
        var request = DeploymentRecord.filter(Column("tenantID") == tenantID)
        if let name { request = request.filter(Column("name") == name) }
        if wantsUnknown { request = request.none() }
        if let status { request = request.filter(Column("status") == status) }
        if let ids { request = request.filter(ids.contains(Column("id"))) }
        if let nameContains {
            request = request.filter(sql: "instr(name, ?) > 0", arguments: [nameContains])
        }
        if let deploymentType {
            request = request.filter(
                sql: "json_extract(sourceConfig, '$.deployment_type') = ?", arguments: [deploymentType])
        }
        if let url {
            request = request.filter(
                sql: "activeRevisionID IS NOT NULL AND 'http://127.0.0.1:' || frontPort = ?", arguments: [url])
        }
        return request
    }

    /// Newest first.
    func page(_ slice: PageSlice) -> QueryInterfaceRequest<DeploymentVersion> {
        request.order(Column("createdAt").desc, Column("id")).limit(slice.limit, offset: slice.offset)
            .select(DeploymentVersion.columns).asRequest(of: DeploymentVersion.self)
    }
}

/// One page of a list, as a request names it.
struct PageSlice: Sendable {
    var limit: Int
    var offset: Int
}

/// A version of a deployment; every change of what the API returns for it makes a new one.
struct DeploymentVersion: Sendable {
    let id: DeploymentID
    let number: Int64
}

extension DeploymentVersion: FetchableRecord {
    static let columns = [Column("id"), Column("version")]

    init(row: Row) {
        id = DeploymentID(row[0] as String)
        number = row[1]
    }
}

/// One deployment of a list.
enum ListedDeployment: Sendable {
    /// The cached JSON of this version.
    case rendered([UInt8])
    case stored(DeploymentVersion, DeploymentRecord, latest: RevisionRecord?)
}
