import ControlPlaneTypes
import Foundation
import Hummingbird

/// `/v2/deployments/{id}/revisions`: list, create, read, redeploy and interrupt revisions.
struct RevisionRoutes: Sendable {
    let service: DeploymentService
    let lookup: ResourceLookup

    func add(to router: some RouterMethods<APIRequestContext>) {
        let revision: RouterPath = "/v2/deployments/:deployment_id/revisions/:revision_id"
        router.get("/v2/deployments/:deployment_id/revisions", use: list)
            .post("/v2/deployments/:deployment_id/revisions", use: create)
            .get(revision, use: get)
            .post("\(revision)/redeploy", use: redeploy)
            .post("\(revision)/interruption", use: interrupt)
            .post("\(revision)/interrupt", use: interrupt)
    }

    @Sendable private func list(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let deployment = try await lookup.deployment(context)
        var query = QueryReader(request)
        let slice = query.slice(limits: 1...100)
        try query.validate()
        let records = try await service.store.revisions(
            of: deployment.id, statuses: query.list("status"), slice: slice)
        return try Response(json: PageResponse(records.map(Revision.init), slice: slice))
    }

    @Sendable private func create(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let deployment = try await lookup.deployment(context)
        let change = try DeploymentChange(try await BodyReader.read(request))
        try lookup.checkNotDeleted(deployment)
        return try Response(json: try await service.addRevision(to: deployment, change), status: .created)
    }

    @Sendable private func get(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let deployment = try await lookup.deployment(context)
        return try Response(json: Revision(try await lookup.revision(context, of: deployment)))
    }

    @Sendable private func redeploy(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let deployment = try await lookup.deployment(context)
        let revision = try await lookup.revision(context, of: deployment)
        try lookup.checkNotDeleted(deployment)
        return try Response(json: try await service.redeploy(revision, of: deployment))
    }

    @Sendable private func interrupt(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let deployment = try await lookup.deployment(context)
        return try Response(json: try await service.interrupt(try await lookup.revision(context, of: deployment)))
    }
}
