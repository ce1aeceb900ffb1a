import ControlPlaneTypes
import Foundation
import GRDB

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

    /// The revisions that are neither done nor given up, oldest first.
    func revisionsUnderWay() async throws -> [RevisionRecord] {
        try await database.read { database in
            let statuses = RevisionStatus.known.filter(\.isUnderWay).map(\.rawValue)
            return try RevisionRecord.filter(statuses.contains(Column("status")))
                .order(Column("sequence")).fetchAll(database)
        }
    }

    /// Stores a revision as its deployment's latest, with the changes that the same request made to the deployment.
    ///
    /// - Returns: the deployment after the change; nil when there is none.
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

    /// Notes that these built trees are gone; what is to run from them has to be built again.
    func markUnbuilt(_ artifacts: Set<RevisionID>) async throws {
        try await database.write { database in
            _ = try RevisionRecord.filter(artifacts.contains(Column("artifactID")))
                .updateAll(database, Column("isBuilt").set(to: false))
        }
    }

    /// Applies an event to a revision.
    ///
    /// - Returns: the revision after it with what is to be done; nil when the event does not apply any more.
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
            let transition = RevisionMachine.transition(from: revision.status, on: event)
        else { return nil }
        revision.status = transition.status
        revision.updatedAt = date
        if let isBuilt = transition.isBuilt { revision.isBuilt = isBuilt }
        try revision.update(database)
        return (revision, transition.actions)
    }
}
