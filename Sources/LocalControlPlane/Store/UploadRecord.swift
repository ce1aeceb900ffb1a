import ControlPlaneTypes
import Foundation
import GRDB

/// A place where a source archive may be put, and its size once it was.
struct UploadRecord: StoredRecord {
    static let databaseTableName = "uploads"

    var objectPath: String
    var deploymentID: DeploymentID
    /// Bytes; nil until the archive has arrived whole.
    var size: Int64?
    var createdAt: Date
}
