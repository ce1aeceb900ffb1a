import Foundation
import GRDB

/// A listener as it is stored: a cluster that a workspace could deploy images to.
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
