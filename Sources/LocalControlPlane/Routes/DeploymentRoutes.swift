import ControlPlaneTypes
import Foundation
import HTTPTypes
import Hummingbird

/// `/v2/deployments`: list, create, read, change and delete deployments.
struct DeploymentRoutes: Sendable {
    private static let pageLimits = 1...100

    let service: DeploymentService
    let lookup: ResourceLookup

    func add(to router: some RouterMethods<APIRequestContext>) {
        router.get("/v2/deployments", use: list)
            .post("/v2/deployments", use: create)
            .delete("/v2/deployments", use: deleteMany)
            .get("/v2/deployments/:deployment_id", use: get)
            .patch("/v2/deployments/:deployment_id", use: patch)
            .delete("/v2/deployments/:deployment_id", use: delete)
    }

    @Sendable private func list(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        var query = QueryReader(request)
        let slice = query.slice(limits: Self.pageLimits)
        let type = query.choice("deployment_type", of: BodyReader.deploymentTypes)
        let isReconciledRemotely = query.boolean("remote_reconciled", default: false)
        try query.validate()
        let filter = DeploymentFilter(
            tenantID: context.tenantID, name: query.string("name"), nameContains: query.string("name_contains"),
            status: query.string("status"), ids: query.list("deployment_ids")?.map { $0.lowercased() },
            deploymentType: type, url: query.string("url"),
            wantsUnknown: isReconciledRemotely || !(query.list("tag_value_ids") ?? []).isEmpty
                || query.string("image_version") != nil)
        return Response(page: try await service.list(filter, slice: slice), slice: slice)
    }

    @Sendable private func create(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let new = try NewDeployment(try await BodyReader.read(request))
        return try Response(json: try await service.create(new, tenantID: context.tenantID), status: .created)
    }

    @Sendable private func get(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        try Response(json: try await service.response(for: try await lookup.deployment(context)))
    }

    @Sendable private func patch(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let deployment = try await lookup.deployment(context)
        let change = try DeploymentChange(try await BodyReader.read(request))
        try lookup.checkNotDeleted(deployment)
        return try Response(json: try await service.patch(deployment, change))
    }

    @Sendable private func delete(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        var query = QueryReader(request)
        let force = query.boolean("force", default: false)
        _ = query.boolean("delete_tracing_project", default: false)
        try query.validate()
        let deployment = try await lookup.deployment(context)
        if force {
            try await service.forceDelete(deployment)
        } else {
            try await service.delete(deployment)
        }
        return Response(status: .noContent)
    }

    @Sendable private func deleteMany(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let ids = try deploymentIDs(QueryReader(request))
        var result = BulkDeletion()
        for id in ids {
            if let deployment = try await lookup.find(id, tenantID: context.tenantID) {
                try await service.delete(deployment)
                result.deleted.append(id)
            } else {
                result.failed.append(id)
            }
        }
        return try Response(
            json: result,
            status: result.failed.isEmpty ? .ok : HTTPResponse.Status(code: 207, reasonPhrase: "Multi-Status"))
    }

    private func deploymentIDs(_ query: QueryReader) throws -> [DeploymentID] {
        var query = query
        query.require("deployment_ids")
        try query.validate()
        let texts = query.all("deployment_ids")
        let place: [FieldProblem.Part] = [.key("query"), .key("deployment_ids")]
        guard texts.count <= 100 else {
            throw APIProblem([
                FieldProblem(
                    "too_long", at: place, "List should have at most 100 items", input: .integer(texts.count))
            ])
        }
        let problems = texts.enumerated().filter { UUID(uuidString: $0.element) == nil }.map {
            FieldProblem.uuid(place + [.index($0.offset)], input: .string($0.element))
        }
        guard problems.isEmpty else { throw APIProblem(problems) }
        return texts.map { DeploymentID($0.lowercased()) }
    }
}

private struct BulkDeletion: Encodable, Sendable {
    var deleted: [DeploymentID] = []
    var failed: [DeploymentID] = []
}

extension QueryReader {
    mutating func slice(limits: ClosedRange<Int>) -> PageSlice {
        PageSlice(
            limit: integer("limit", in: limits, default: 20), offset: integer("offset", in: 0...Int.max, default: 0))
    }
}
