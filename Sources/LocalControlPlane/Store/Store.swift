import ControlPlaneTypes
import Foundation
import GRDB

/// The control plane's SQLite database. A write is on disk when it returns.
struct Store: Sendable {
    let database: any DatabaseWriter

    init(database: any DatabaseWriter) throws {
        self.database = database
        try Migrations.migrator.migrate(database)
    }

    static func open(at path: String) throws -> Store {
        var configuration = Configuration()
        configuration.label = "control-plane"
        // A read-only control plane may have it open too.
        configuration.busyMode = .timeout(5)
        let pool = try DatabasePool(path: path, configuration: configuration)
        // A pool opens its writer with NORMAL, which may lose the last commits on a power failure; an acknowledged
        // request must not be lost.
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        return try Store(database: pool)
    }

    func setting(_ key: Setting) async throws -> String? {
        try await database.read { database in
            try String.fetchOne(database, sql: "SELECT value FROM settings WHERE key = ?", arguments: [key.rawValue])
        }
    }

    func set(_ key: Setting, to value: String) async throws {
        try await database.write { database in
            try database.execute(
                sql:
                    "INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                arguments: [key.rawValue, value])
        }
    }

    /// Returns the stored value; stores and returns `fresh()` when there is none.
    func setting(_ key: Setting, orCreate fresh: () -> String) async throws -> String {
        if let value = try await setting(key) { return value }
        let value = fresh()
        try await set(key, to: value)
        return value
    }
}

/// The keys of the settings table.
enum Setting: String {
    case port
    case integrationID
    /// Marks the processes that this control plane starts, so that a later one finds orphans.
    case instanceID = "planeID"
    case uploadKey
}

/// A row of the store. Dates are stored as seconds since 1970, which keeps microseconds.
protocol StoredRecord: Codable, FetchableRecord, PersistableRecord, Sendable {}

extension StoredRecord {
    static func databaseDateEncodingStrategy(for column: String) -> DatabaseDateEncodingStrategy {
        .timeIntervalSince1970
    }

    static func databaseDateDecodingStrategy(for column: String) -> DatabaseDateDecodingStrategy {
        .timeIntervalSince1970
    }
}

extension DeploymentID: DatabaseValueConvertible {}
extension RevisionID: DatabaseValueConvertible {}
extension RevisionStatus: DatabaseValueConvertible {}
extension DeploymentStatus: DatabaseValueConvertible {}
extension DeploymentSource: DatabaseValueConvertible {}
