import ControlPlaneTypes
import Foundation
import GRDB

/// A local repository that deployments may name as their `repo_url`.
struct RepositoryRecord: StoredRecord {
    static let databaseTableName = "repositories"

    var path: String
    var addedAt: Date
}

/// A place where a source archive may be put, and its size once it was.
struct UploadRecord: StoredRecord {
    static let databaseTableName = "uploads"

    var objectPath: String
    var deploymentID: DeploymentID
    /// Bytes; nil until the archive has arrived whole.
    var size: Int64?
    var createdAt: Date
}

extension Store {
    func repositories() async throws -> [RepositoryRecord] {
        try await database.read { try RepositoryRecord.order(Column("addedAt"), Column("path")).fetchAll($0) }
    }

    func add(_ repository: RepositoryRecord) async throws {
        try await database.write { try repository.insert($0, onConflict: .ignore) }
    }

    func upload(_ objectPath: String) async throws -> UploadRecord? {
        try await database.read { try UploadRecord.fetchOne($0, key: objectPath) }
    }

    func save(_ upload: UploadRecord) async throws {
        try await database.write { try upload.upsert($0) }
    }

    func removeUpload(_ objectPath: String) async throws {
        try await database.write { database in
            _ = try UploadRecord.deleteOne(database, key: objectPath)
        }
    }
}
