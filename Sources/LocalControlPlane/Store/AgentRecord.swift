import ControlPlaneTypes
import GRDB

/// A running agent, told from a later process with the same pid by its start time.
struct AgentRecord: StoredRecord, Equatable {
    static let databaseTableName = "agents"

    var revisionID: RevisionID
    var deploymentID: DeploymentID
    var pid: Int32
    /// Clock ticks since boot (`/proc/PID/stat`, field 22).
    var startTime: UInt64
    var port: Int
}
