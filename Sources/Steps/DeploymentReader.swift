import ControlPlane
import ControlPlaneTypes

/// Reads a deployment with its newest revisions.
struct DeploymentReader: Sendable {
    /// Enough to find the live revision and to know how long this deployment takes.
    static let revisionCount = 20

    let client: ControlPlaneClient

    /// Nil when no deployment has the name; an id that does not exist is an error.
    func snapshot(name: String?, id: String?) async throws -> DeploymentSnapshot? {
        let deployment: Deployment?
        if let id {
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
}
