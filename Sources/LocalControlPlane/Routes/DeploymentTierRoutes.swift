import ControlPlaneTypes
import Foundation
import Hummingbird

/// Tiers, the count of free deployments and registry tokens; stored and returned, without effect here.
struct DeploymentTierRoutes: Sendable {
    static let tiers = [
        "SERVERLESS_S", "SERVERLESS_M", "SERVERLESS_L", "DEDICATED_S", "DEDICATED_M", "DEDICATED_L",
    ]

    let service: DeploymentService
    let lookup: ResourceLookup

    func add(to router: some RouterMethods<APIRequestContext>) {
        router.get("/v2/deployments/free-count", use: freeCount)
            .patch("/v2/deployments/:deployment_id/deployment-tier", use: setTier)
            .patch("/v2/deployments/:deployment_id/resource-tiers", use: setResourceTiers)
            .post("/v2/deployments/:deployment_id/push-token", use: pushToken)
    }

    @Sendable private func freeCount(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        try Response(json: ["count": try await service.store.freeDeployments(of: context.tenantID)])
    }

    @Sendable private func setTier(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let deployment = try await lookup.deployment(context)
        let body = try await BodyReader.read(request)
        _ = body.requiredString("deployment_tier")
        let tier = body.value("deployment_tier") == nil ? nil : body.choice("deployment_tier", of: Self.tiers)
        try body.validate()
        return try await update(deployment) { record in
            record.deploymentTier = tier
            record.computeTier = tier
        }
    }

    @Sendable private func setResourceTiers(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let deployment = try await lookup.deployment(context)
        let body = try await BodyReader.read(request)
        let compute = body.choice("compute_tier", of: Self.tiers)
        let database = body.choice("database_tier", of: Self.tiers)
        try body.validate()
        guard compute != nil || database != nil else {
            throw APIProblem.badRequest("At least one of compute_tier or database_tier must be provided.")
        }
        if let database, !database.hasPrefix("DEDICATED_") {
            throw APIProblem.badRequest("database_tier '\(database)' is only supported for dedicated deployments")
        }
        return try await update(deployment) { record in
            record.computeTier = compute ?? record.computeTier
            record.databaseTier = database ?? record.databaseTier
        }
    }

    /// Always refused: no local deployment has an image registry.
    @Sendable private func pushToken(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        _ = try await lookup.deployment(context)
        throw APIProblem.badRequest("push token is only available for 'internal_docker' source deployments")
    }

    private func update(
        _ deployment: DeploymentRecord, _ change: @Sendable @escaping (inout DeploymentRecord) -> Void
    ) async throws -> Response {
        try lookup.checkNotDeleted(deployment)
        guard let changed = try await service.store.update(deployment.id, change: change) else {
            throw APIProblem.noDeployment(deployment.id)
        }
        return try Response(json: try await service.response(for: changed))
    }
}
