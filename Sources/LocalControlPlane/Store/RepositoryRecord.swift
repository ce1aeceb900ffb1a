import Foundation
import GRDB

/// A local repository that deployments may name as their `repo_url`.
struct RepositoryRecord: StoredRecord {
    static let databaseTableName = "repositories"

    var path: String
    var addedAt: Date
}
