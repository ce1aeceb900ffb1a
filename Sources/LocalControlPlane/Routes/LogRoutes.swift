import ControlPlaneTypes
import Foundation
import Hummingbird

/// The logs of revisions, by the v2 paths and the older v1 ones.
struct LogRoutes: Sendable {
    let lookup: Lookup
    let logs: RevisionLogs

    func add(to router: some RouterMethods<PlaneContext>) {
        router.get("/v2/deployments/:deployment_id/revisions/:revision_id/logs", use: revisionLogs)
            .get("/v2/deployments/:deployment_id/logs", use: deploymentLogs)
            .post("/v1/projects/:project_id/revisions/:revision_id/build_logs") { request, context in
                try await older(request, context, kind: .build)
            }
            .post("/v1/projects/:project_id/revisions/:revision_id/deploy_logs") { request, context in
                try await older(request, context, kind: .deploy)
            }
            .post("/v1/projects/:project_id/deploy_logs", use: olderDeploymentLogs)
    }

    @Sendable private func revisionLogs(_ request: Request, _ context: PlaneContext) async throws -> Response {
        let deployment = try await lookup.deployment(context)
        let revision = try await lookup.revision(context, of: deployment)
        var query = QueryReader(request)
        query.require("type")
        let kind = query.choice("type", of: LogKind.allCases.map(\.rawValue)).flatMap(LogKind.init) ?? .build
        return try answer(kind, of: revision.id, try LogQuery(&query))
    }

    @Sendable private func deploymentLogs(_ request: Request, _ context: PlaneContext) async throws -> Response {
        let deployment = try await lookup.deployment(context)
        var query = QueryReader(request)
        return try answer(.deploy, of: deployment.runningRevisionID, try LogQuery(&query))
    }

    private func older(_ request: Request, _ context: PlaneContext, kind: LogKind) async throws -> Response {
        let deployment = try await lookup.deployment(context, parameter: "project_id")
        let revision = try await lookup.revision(context, of: deployment)
        return try answer(kind, of: revision.id, try LogQuery(try await BodyReader.read(request, allowingNone: true)))
    }

    @Sendable private func olderDeploymentLogs(_ request: Request, _ context: PlaneContext) async throws -> Response {
        let deployment = try await lookup.deployment(context, parameter: "project_id")
        let query = try LogQuery(try await BodyReader.read(request, allowingNone: true))
        return try answer(.deploy, of: deployment.runningRevisionID, query)
    }

    private func answer(_ kind: LogKind, of revision: RevisionID?, _ query: LogQuery) throws -> Response {
        let lines = revision.map { logs.file(kind, of: $0).lines() } ?? []
        return try Response(json: LogsAnswer(page: query.page(of: lines, kind: kind)))
    }
}

extension DeploymentRecord {
    /// The revision that serves, or the one that is to.
    var runningRevisionID: RevisionID? { activeRevisionID ?? latestRevisionID }
}

/// A page of log lines, with null where no next one is.
private struct LogsAnswer: Encodable, Sendable {
    let page: LogsPage

    func encode(to encoder: any Encoder) throws {
        try page.encode(to: encoder)
        guard page.nextOffset == nil else { return }
        var container = encoder.container(keyedBy: NullableKeys.self)
        try container.encodeNil(forKey: .nextOffset)
    }

    private enum NullableKeys: String, CodingKey {
        case nextOffset = "next_offset"
    }
}
