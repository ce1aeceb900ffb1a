import ControlPlaneTypes
import Foundation
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

extension Store {
    func agents() async throws -> [AgentRecord] {
        try await database.read { try AgentRecord.fetchAll($0) }
    }

    func remember(_ agent: AgentRecord) async throws {
        try await database.write { try agent.upsert($0) }
    }

    /// Forgets the process, unless the revision runs as another one by now.
    func forget(_ agent: AgentRecord) async throws {
        try await database.write { database in
            _ = try AgentRecord.filter(Column("revisionID") == agent.revisionID && Column("pid") == agent.pid)
                .deleteAll(database)
        }
    }

    /// Makes a revision the live one: its status and its deployment's active pointer change together or not at all.
    ///
    /// - Returns: what is to be done now; nil when the revision was interrupted or its deployment deleted meanwhile.
    func activate(_ agent: AgentRecord, at date: Date) async throws -> [RevisionAction]? {
        try await database.write { database in
            guard var deployment = try DeploymentRecord.fetchOne(database, key: agent.deploymentID),
                !deployment.status.isBeingDeleted,
                let applied = try Self.apply(.deployed, to: agent.revisionID, at: date, in: database)
            else { return nil }
            deployment.activeRevisionID = agent.revisionID
            deployment.updatedAt = date
            try deployment.update(database)
            try agent.upsert(database)
            return applied.actions
        }
    }
}
