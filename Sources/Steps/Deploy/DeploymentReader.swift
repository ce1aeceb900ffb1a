import ControlPlane
package import ControlPlaneTypes
import FoundationEssentials

/// Reads a deployment with its newest revisions.
struct DeploymentReader: Sendable {
    /// Enough to find the live revision and to know how long this deployment takes.
    static let revisionCount = 20

    let client: ControlPlaneClient

    /// Nil when no deployment has the name; an id that does not exist, also given as the name, is an error.
    func snapshot(name: String?, id: String?) async throws -> DeploymentSnapshot? {
        let deployment: Deployment?
        // A name that is an id can only be meant as one.
        if let id = id ?? name.flatMap({ DeploymentID($0).isUUID ? $0 : nil }) {
            deployment = try await client.deployment(DeploymentID(id))
        } else if let name {
            deployment = try await client.deployment(named: name)
        } else {
            deployment = nil
        }
        guard let deployment else { return nil }
        return DeploymentSnapshot(deployment: deployment, revisions: try await revisions(of: deployment))
    }

    /// The newest ones, and the live one wherever it stands.
    private func revisions(of deployment: Deployment) async throws -> [Revision] {
        guard deployment.latestRevisionID != nil || deployment.activeRevisionID != nil else { return [] }
        var revisions = try await client.listRevisions(of: deployment.id, limit: Self.revisionCount).resources
        if let active = deployment.activeRevisionID, !revisions.contains(where: { $0.id == active }) {
            revisions.append(try await client.revision(active, of: deployment.id))
        }
        return revisions
    }

    /// Revisions behind those of a snapshot: the wanted one by its whole id, all for the beginning of one, or, when
    /// `isNeeded`, the last that were deployed.
    func older(
        than snapshot: DeploymentSnapshot, wanted: String?, isNeeded: () -> Bool
    ) async throws -> [Revision] {
        let id = snapshot.deployment.id
        let known = Set(snapshot.revisions.map(\.id))
        if let wanted {
            if DeploymentID(wanted).isUUID {
                guard !known.contains(RevisionID(wanted.lowercased())) else { return [] }
                return try await found { [try await client.revision(RevisionID(wanted), of: id)] }
            }
            // The beginning of an id may be that of several.
            guard snapshot.revisions.count >= Self.revisionCount else { return [] }
            return try await client.allRevisions(of: id).filter { !known.contains($0.id) }
        }
        guard snapshot.revisions.count >= Self.revisionCount, isNeeded() else { return [] }
        let deployed = try await client.listRevisions(of: id, status: [.deployed], limit: Self.revisionCount)
        return deployed.resources.filter { !known.contains($0.id) }
    }

    /// What is not there is none; the caller says so better.
    private func found(_ read: () async throws -> [Revision]) async throws -> [Revision] {
        do {
            return try await read()
        } catch let error as ControlPlaneError where error.kind == .notFound || error.kind == .rejected {
            return []
        }
    }
}

/// A deployment and its newest revisions (newest first), read before anything is changed.
package struct DeploymentSnapshot: Sendable {
    package var deployment: Deployment
    package var revisions: [Revision]
    package var recorded = RecordedRevisions()

    package init(deployment: Deployment, revisions: [Revision]) {
        self.deployment = deployment
        self.revisions = revisions
    }

    package var active: Revision? {
        deployment.activeRevisionID.flatMap { id in revisions.first { $0.id == id } }
    }

    /// Newer than the live one and not done yet, newest first.
    package var underWay: [Revision] {
        revisions.prefix { $0.id != deployment.activeRevisionID }.filter(\.status.isInProgress)
    }

    /// From creation to DEPLOYED, newest first, of those that got there.
    package var pastDurations: [Duration] {
        revisions.filter { $0.status == .deployed }.compactMap { revision in
            guard let start = revision.createdAt?.date, let end = revision.updatedAt?.date else { return nil }
            return .seconds(end.timeIntervalSince(start))
        }
    }
}
