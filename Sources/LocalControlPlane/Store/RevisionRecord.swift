import ControlPlaneTypes
import Foundation
import GRDB

/// A row of the `revisions` table: everything needed to build and start the revision again without its deployment.
struct RevisionRecord: StoredRecord, Identifiable {
    static let databaseTableName = "revisions"

    /// The order of creation and of work; assigned by the database.
    var sequence: Int64?
    var id: RevisionID
    var deploymentID: DeploymentID
    var source: DeploymentSource
    var status: RevisionStatus = .queued
    var config: SourceRevisionConfig
    /// The served repository that holds `config.repoCommitSHA`; nil for an uploaded archive.
    var repositoryPath: String?
    var installCommand: String?
    var buildCommand: String?
    var secrets: [Secret] = []
    /// The revision whose directory contains the tree: itself, or the one that it redeploys.
    var artifactID: RevisionID
    var isBuilt = false
    var createdAt: Date
    var updatedAt: Date
}

extension Store {
    func revision(_ id: RevisionID) async throws -> RevisionRecord? {
        try await database.read { try RevisionRecord.filter(Column("id") == id).fetchOne($0) }
    }

    static func revisions(_ ids: Set<RevisionID>, in database: Database) throws -> [RevisionID: RevisionRecord] {
        guard !ids.isEmpty else { return [:] }
        let found = try RevisionRecord.filter(ids.contains(Column("id"))).fetchAll(database)
        return Dictionary(found.map { ($0.id, $0) }) { $1 }
    }

    /// Newest first; `statuses` nil means any.
    func revisions(
        of deployment: DeploymentID, statuses: [String]? = nil, slice: PageSlice
    ) async throws -> [RevisionRecord] {
        try await database.read { database in
            var request = RevisionRecord.filter(Column("deploymentID") == deployment)
            if let statuses { request = request.filter(statuses.contains(Column("status"))) }
            return try request.order(Column("sequence").desc).limit(slice.limit, offset: slice.offset)
                .fetchAll(database)
        }
    }

    /// The revisions without a terminal status, oldest first.
    func revisionsInProgress() async throws -> [RevisionRecord] {
        try await database.read { database in
            let statuses = RevisionStatus.known.filter(\.isInProgress).map(\.rawValue)
            return try RevisionRecord.filter(statuses.contains(Column("status")))
                .order(Column("sequence")).fetchAll(database)
        }
    }

    /// Inserts a revision as its deployment's latest, together with the request's changes to the deployment.
    ///
    /// - Returns: the changed deployment; nil when it does not exist.
    func add(
        _ revision: RevisionRecord, change: @Sendable @escaping (inout DeploymentRecord) -> Void
    ) async throws -> DeploymentRecord? {
        try await database.write { database in
            guard var deployment = try DeploymentRecord.fetchOne(database, key: revision.deploymentID) else {
                return nil
            }
            change(&deployment)
            deployment.latestRevisionID = revision.id
            deployment.updatedAt = revision.createdAt
            try revision.insert(database)
            try deployment.update(database)
            return deployment
        }
    }

    /// Marks revisions whose tree is being removed as not built.
    func markUnbuilt(_ artifacts: Set<RevisionID>) async throws {
        try await database.write { database in
            _ = try RevisionRecord.filter(artifacts.contains(Column("artifactID")))
                .updateAll(database, Column("isBuilt").set(to: false))
        }
    }

    /// Applies an event to a revision.
    ///
    /// - Returns: the changed revision and the actions that follow; nil when the event no longer applies.
    func apply(
        _ event: RevisionEvent, to id: RevisionID, at date: Date
    ) async throws -> (revision: RevisionRecord, actions: [RevisionAction])? {
        try await database.write { database in
            try Self.apply(event, to: id, at: date, in: database)
        }
    }

    static func apply(
        _ event: RevisionEvent, to id: RevisionID, at date: Date, in database: Database
    ) throws -> (revision: RevisionRecord, actions: [RevisionAction])? {
        guard var revision = try RevisionRecord.filter(Column("id") == id).fetchOne(database),
            let transition = RevisionStateMachine.transition(from: revision.status, on: event)
        else { return nil }
        revision.status = transition.status
        revision.updatedAt = date
        if let isBuilt = transition.isBuilt { revision.isBuilt = isBuilt }
        try revision.update(database)
        return (revision, transition.actions)
    }
}

extension Store {
    /// Deployments whose deletion finished before `date`.
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

    /// Removes the oldest revision records of deployments that have more than `count`, except those that are live, in
    /// progress, or own the tree of another revision.
    func pruneRevisions(keeping count: Int) async throws {
        let underWay = RevisionStatus.known.filter(\.isInProgress).map(\.rawValue)
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
