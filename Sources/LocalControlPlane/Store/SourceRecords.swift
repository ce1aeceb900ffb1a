import ControlPlaneTypes
import Foundation
import GRDB

/// A row of the `repositories` table: a local repository that deployments may use as `repo_url`.
struct RepositoryRecord: StoredRecord {
    static let databaseTableName = "repositories"

    var path: String
    var addedAt: Date
}

/// A row of the `uploads` table: a source archive that was announced, and its size once uploaded.
struct UploadRecord: StoredRecord {
    static let databaseTableName = "uploads"

    var objectPath: String
    var deploymentID: DeploymentID
    /// Bytes; nil until the archive is completely uploaded.
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
