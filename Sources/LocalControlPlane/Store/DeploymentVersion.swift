import ControlPlaneTypes
import GRDB

/// A deployment as it stood at one moment; whatever changes what the API answers of it makes another version.
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
    /// In a version that was rendered before.
    case rendered([UInt8])
    case stored(DeploymentVersion, DeploymentRecord, latest: RevisionRecord?)
}
