import ControlPlaneTypes
import Foundation
import Hummingbird

/// `/v2/deployment-logs`: the logs by cursor, as the newest clients read them.
struct DeploymentLogRoutes: Sendable {
    private static let kinds = ["BUILD", "DEPLOY"]

    let lookup: Lookup
    let logs: RevisionLogs

    func add(to router: some RouterMethods<PlaneContext>) {
        router.get("/v2/deployment-logs", use: read)
    }

    @Sendable private func read(_ request: Request, _ context: PlaneContext) async throws -> Response {
        var query = QueryReader(request)
        query.require("deployment_id")
        let deploymentID = query.uuid("deployment_id").map { DeploymentID($0) }
        let revisionID = query.uuid("revision_id").map { RevisionID($0) }
        let isBuild = query.choice("log_type", of: Self.kinds) == "BUILD"
        let lines = try LogQuery(&query, order: "sort_order", limit: "page_size", limits: 1...100, cursor: "cursor")
        guard let deploymentID, let deployment = try await lookup.find(deploymentID, tenantID: context.tenantID) else {
            throw APIProblem(.notFound, "Deployment ID \(deploymentID?.rawValue ?? "") not found.")
        }
        let revision =
            try await revisionID.asyncMap { try await lookup.revision($0, of: deployment).id }
            ?? (isBuild ? deployment.latestRevisionID : deployment.runningRevisionID)
        let kind = isBuild ? LogKind.build : .deploy
        let page = lines.page(of: revision.map { logs.file(kind, of: $0).lines() } ?? [], kind: kind)
        return try Response(json: LogItems(items: page.logs, nextCursor: page.nextOffset))
    }
}

private struct LogItems: Encodable, Sendable {
    let items: [LogEntry]
    let nextCursor: String?

    private enum CodingKeys: String, CodingKey {
        case items
        case nextCursor = "next_cursor"
    }
}

extension Optional where Wrapped: Sendable {
    fileprivate func asyncMap<Value>(_ transform: (Wrapped) async throws -> Value) async rethrows -> Value? {
        guard let self else { return nil }
        return try await transform(self)
    }
}
