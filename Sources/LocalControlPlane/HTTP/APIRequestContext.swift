import ControlPlaneTypes
import Foundation
import Hummingbird
import Logging
import NIOCore

/// The context of a request, which includes the workspace whose data it may access.
struct APIRequestContext: RequestContext {
    /// The workspace of requests without `X-Tenant-Id`.
    static let defaultTenant = "00000000-0000-4000-8000-000000000001"

    /// Nil for requests that do not come from a connection.
    let channel: (any Channel)?
    var coreContext: CoreRequestContextStorage
    var tenantID = APIRequestContext.defaultTenant

    init(source: ApplicationRequestContextSource) {
        channel = source.channel
        coreContext = CoreRequestContextStorage(source: source)
    }

    /// For requests that do not come from a connection.
    init(logger: Logger) {
        channel = nil
        coreContext = CoreRequestContextStorage(source: LoggerSource(logger: logger))
    }

    private struct LoggerSource: RequestContextSource {
        let logger: Logger
    }
}

extension APIRequestContext {
    /// - Throws: `APIProblem` (422) when it is not a UUID.
    func deploymentID(_ parameter: String = "deployment_id") throws -> DeploymentID {
        DeploymentID(try uuid(parameter))
    }

    /// - Throws: `APIProblem` (422) when it is not a UUID.
    func revisionID() throws -> RevisionID {
        RevisionID(try uuid("revision_id"))
    }

    /// The UUID in lower case, as ids are stored.
    ///
    /// - Throws: `APIProblem` (422) when it is not a UUID.
    func uuid(_ parameter: String) throws -> String {
        let text = parameters.get(parameter) ?? ""
        guard let uuid = UUID(uuidString: text) else {
            throw APIProblem([.uuid([.key("path"), .key(parameter)], input: .string(text))])
        }
        return uuid.uuidString.lowercased()
    }
}

/// Finds the resources named in a request's path, within the request's workspace.
struct ResourceLookup: Sendable {
    let store: Store

    /// - Throws: `APIProblem`: 422 when it is not a UUID, 404 when the workspace has no such deployment.
    func deployment(_ context: APIRequestContext, parameter: String = "deployment_id") async throws -> DeploymentRecord
    {
        let id = try context.deploymentID(parameter)
        guard let deployment = try await find(id, tenantID: context.tenantID) else { throw APIProblem.noDeployment(id) }
        return deployment
    }

    /// - Throws: `APIProblem`: 422 when it is not a UUID, 404 when the deployment has no such revision.
    func revision(_ context: APIRequestContext, of deployment: DeploymentRecord) async throws -> RevisionRecord {
        try await revision(try context.revisionID(), of: deployment)
    }

    /// - Throws: `APIProblem` (404) when the deployment has no such revision.
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
    func checkNotDeleted(_ deployment: DeploymentRecord) throws {
        if deployment.status.isBeingDeleted {
            throw APIProblem.badRequest("Deployment ID \(deployment.id) is being deleted.")
        }
    }
}
