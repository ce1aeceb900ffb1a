import ControlPlaneTypes
import Foundation
import GRDB

/// A deployment as it is stored.
struct DeploymentRecord: StoredRecord, Identifiable {
    static let databaseTableName = "deployments"

    var id: DeploymentID
    var tenantID: String
    var name: String
    var source: DeploymentSource
    var sourceConfig: SourceConfig
    var configPath: String?
    /// The branch or tag that the next revision takes when its request names none.
    var trackedRef: String?
    var secrets: [Secret] = []
    var displayName: String?
    var status: DeploymentStatus = .ready
    var latestRevisionID: RevisionID?
    var activeRevisionID: RevisionID?
    /// Where the deployment's front proxy listens; kept so that its URL outlives a restart.
    var frontPort: Int?
    var deploymentTier: String?
    var computeTier: String?
    var databaseTier: String?
    /// The commit at the tracked branch that was deployed or seen last; a push is when it is another one.
    var watchedCommit: String?
    var createdAt: Date
    var updatedAt: Date
}
