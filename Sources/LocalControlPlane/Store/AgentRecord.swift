import ControlPlaneTypes
import Foundation
import GRDB

/// A row of the `agents` table: a running agent, identified by pid and start time.
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

    func saveAgent(_ agent: AgentRecord) async throws {
        try await database.write { try agent.upsert($0) }
    }

    /// Removes the record, unless the revision runs as another process by now.
    func removeAgent(_ agent: AgentRecord) async throws {
        try await database.write { database in
            _ = try AgentRecord.filter(Column("revisionID") == agent.revisionID && Column("pid") == agent.pid)
                .deleteAll(database)
        }
    }

    /// Makes a revision live: changes its status and its deployment's active revision in one transaction.
    ///
    /// - Returns: the actions that follow; nil when the revision was interrupted or its deployment deleted.
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
