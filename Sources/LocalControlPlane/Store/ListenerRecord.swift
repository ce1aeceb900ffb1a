import Foundation
import GRDB

/// A row of the `listeners` table: a cluster that a workspace could deploy images to.
struct ListenerRecord: StoredRecord, Identifiable {
    static let databaseTableName = "listeners"

    var id: String
    var tenantID: String
    var computeType: String
    var computeID: String
    /// Nil when the request named none.
    var namespaces: [String]?
    var version: String?
    var createdAt: Date
    var updatedAt: Date
}

extension Store {
    /// Newest first.
    func listeners(of tenant: String, slice: PageSlice? = nil) async throws -> [ListenerRecord] {
        try await database.read { database in
            var request = ListenerRecord.filter(Column("tenantID") == tenant)
                .order(Column("createdAt").desc, Column("id"))
            if let slice { request = request.limit(slice.limit, offset: slice.offset) }
            return try request.fetchAll(database)
        }
    }

    /// Nil when the workspace has no such listener.
    func listener(_ id: String, of tenant: String) async throws -> ListenerRecord? {
        try await database.read { database in
            try ListenerRecord.filter(Column("id") == id && Column("tenantID") == tenant).fetchOne(database)
        }
    }

    /// - Returns: false, and inserts nothing, when the workspace has a listener with that compute id.
    func create(_ listener: ListenerRecord) async throws -> Bool {
        try await database.write { database in
            let same = ListenerRecord.filter(
                Column("tenantID") == listener.tenantID && Column("computeID") == listener.computeID)
            guard try same.isEmpty(database) else { return false }
            try listener.insert(database)
            return true
        }
    }

    func update(_ listener: ListenerRecord) async throws {
        try await database.write { try listener.update($0) }
    }

    func removeListener(_ id: String) async throws {
        _ = try await database.write { try ListenerRecord.deleteOne($0, key: id) }
    }
}
