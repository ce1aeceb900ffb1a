import ControlPlaneTypes
import Foundation
import GRDB

extension Store {
    /// Those whose deletion came to its end before `date`.
    func deployments(deletedBefore date: Date) async throws -> [DeploymentID] {
        try await database.read { database in
            try DeploymentRecord.filter(Column("status") == DeploymentStatus.awaitingFinalDelete)
                .filter(Column("updatedAt") < date.timeIntervalSince1970)
                .select(Column("id"), as: DeploymentID.self).fetchAll(database)
        }
    }

    func uploadsWithoutRevision(before date: Date) async throws -> [String] {
        try await database.read { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT objectPath FROM uploads WHERE createdAt < ? AND NOT EXISTS (
                        SELECT 1 FROM revisions WHERE revisions.deploymentID = uploads.deploymentID
                        AND json_extract(revisions.config, '$.source_tarball_path') = uploads.objectPath)
                    """, arguments: [date.timeIntervalSince1970])
        }
    }

    /// Forgets the oldest revisions of deployments that have more than `count`: never one that is live, under way, or
    /// whose tree another one runs from.
    func pruneRevisions(keeping count: Int) async throws {
        let underWay = RevisionStatus.known.filter(\.isUnderWay).map(\.rawValue)
        try await database.write { database in
            let crowded = try String.fetchAll(
                database, sql: "SELECT deploymentID FROM revisions GROUP BY deploymentID HAVING COUNT(*) > ?",
                arguments: [count])
            for deployment in crowded {
                let oldest = try Int64.fetchOne(
                    database,
                    sql:
                        "SELECT sequence FROM revisions WHERE deploymentID = ? ORDER BY sequence DESC LIMIT 1 OFFSET ?",
                    arguments: [deployment, count - 1])
                let forgotten = RevisionRecord.filter(Column("deploymentID") == deployment)
                    .filter(Column("sequence") < (oldest ?? 0) && !underWay.contains(Column("status")))
                    .filter(
                        sql: """
                            id NOT IN (SELECT artifactID FROM revisions AS r WHERE r.deploymentID = ?
                                       AND (r.sequence >= ? OR r.isBuilt))
                            AND id IS NOT (SELECT activeRevisionID FROM deployments WHERE deployments.id = ?)
                            """, arguments: [deployment, oldest ?? 0, deployment])
                _ = try forgotten.deleteAll(database)
            }
        }
    }
}
