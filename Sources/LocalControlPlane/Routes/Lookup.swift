import ControlPlaneTypes

/// Finds what a request's path names, within the workspace that the request may see.
struct Lookup: Sendable {
    let store: Store

    /// - Throws: `APIProblem`: 422 for no UUID, 404 for no deployment of that workspace.
    func deployment(_ context: PlaneContext, parameter: String = "deployment_id") async throws -> DeploymentRecord {
        let id = try context.deploymentID(parameter)
        guard let deployment = try await find(id, tenantID: context.tenantID) else { throw APIProblem.noDeployment(id) }
        return deployment
    }

    /// - Throws: `APIProblem`: 422 for no UUID, 404 for no revision of that deployment.
    func revision(_ context: PlaneContext, of deployment: DeploymentRecord) async throws -> RevisionRecord {
        try await revision(try context.revisionID(), of: deployment)
    }

    /// - Throws: `APIProblem` (404) for no revision of that deployment.
    func revision(_ id: RevisionID, of deployment: DeploymentRecord) async throws -> RevisionRecord {
        guard let revision = try await store.revision(id), revision.deploymentID == deployment.id else {
            throw APIProblem.noRevision(id)
        }
        return revision
    }

    func find(_ id: DeploymentID, tenantID: String) async throws -> DeploymentRecord? {
        guard let deployment = try await store.deployment(id), deployment.tenantID == tenantID else { return nil }
        return deployment
    }

    /// - Throws: `APIProblem` (400) for a deployment that is being deleted.
    func checkInService(_ deployment: DeploymentRecord) throws {
        if deployment.status.isBeingDeleted {
            throw APIProblem.badRequest("Deployment ID \(deployment.id) is being deleted.")
        }
    }
}
