import ControlPlaneTypes
import Foundation
import Hummingbird

/// The logs of revisions, on the v2 paths and the older v1 paths.
struct LogRoutes: Sendable {
    let lookup: ResourceLookup
    let logs: RevisionLogs

    func add(to router: some RouterMethods<APIRequestContext>) {
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

    @Sendable private func revisionLogs(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let deployment = try await lookup.deployment(context)
        let revision = try await lookup.revision(context, of: deployment)
        var query = QueryReader(request)
        query.require("type")
        let kind = query.choice("type", of: LogKind.allCases.map(\.rawValue)).flatMap(LogKind.init) ?? .build
        return try response(kind, of: revision.id, try LogQuery(&query))
    }

    @Sendable private func deploymentLogs(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let deployment = try await lookup.deployment(context)
        var query = QueryReader(request)
        return try response(.deploy, of: deployment.runningRevisionID, try LogQuery(&query))
    }

    private func older(_ request: Request, _ context: APIRequestContext, kind: LogKind) async throws -> Response {
        let deployment = try await lookup.deployment(context, parameter: "project_id")
        let revision = try await lookup.revision(context, of: deployment)
        return try response(kind, of: revision.id, try LogQuery(try await BodyReader.read(request, allowingNone: true)))
    }

    @Sendable private func olderDeploymentLogs(_ request: Request, _ context: APIRequestContext) async throws
        -> Response
    {
        let deployment = try await lookup.deployment(context, parameter: "project_id")
        let query = try LogQuery(try await BodyReader.read(request, allowingNone: true))
        return try response(.deploy, of: deployment.runningRevisionID, query)
    }

    private func response(_ kind: LogKind, of revision: RevisionID?, _ query: LogQuery) throws -> Response {
        let lines = revision.map { logs.file(kind, of: $0).lines() } ?? []
        return try Response(json: LogsResponse(page: query.page(of: lines, kind: kind)))
    }
}

extension DeploymentRecord {
    /// The live revision, or the latest one before any is live.
    var runningRevisionID: RevisionID? { activeRevisionID ?? latestRevisionID }
}

/// A page of log lines, with null when there is no next page.
private struct LogsResponse: Encodable, Sendable {
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

/// `/v2/deployment-logs`: the logs by cursor, for newer clients.
struct DeploymentLogRoutes: Sendable {
    private static let kinds = ["BUILD", "DEPLOY"]

    let lookup: ResourceLookup
    let logs: RevisionLogs

    func add(to router: some RouterMethods<APIRequestContext>) {
        router.get("/v2/deployment-logs", use: read)
    }

    @Sendable private func read(_ request: Request, _ context: APIRequestContext) async throws -> Response {
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

/// Selects the lines of a log that a request asks for.
struct LogQuery: Sendable {
    var ascending = true
    var limit = 50
    /// The number of the last line of the previous page, from its `next_offset`.
    var cursor: Int?
    var level: LogLine.Level?
    var text: String?
    var start: Date?
    var end: Date?

    /// - Parameter lines: oldest first.
    func page(of lines: [LogLine], kind: LogKind) -> LogsPage {
        let ordered = ascending ? lines : lines.reversed()
        let matching = ordered.lazy.filter(matches)
        let page = Array(matching.prefix(limit))
        let hasMore = matching.dropFirst(limit).first != nil
        return LogsPage(
            logs: page.map { $0.entry(of: kind) }, nextOffset: hasMore ? page.last.map { String($0.number) } : nil)
    }

    private func matches(_ line: LogLine) -> Bool {
        if let cursor, ascending ? line.number <= cursor : line.number >= cursor { return false }
        if let level, line.level != level { return false }
        if let start, Double(line.time) < start.timeIntervalSince1970 * 1000 { return false }
        if let end, Double(line.time) > end.timeIntervalSince1970 * 1000 { return false }
        guard let text else { return true }
        return line.message.localizedCaseInsensitiveContains(text)
    }
}

extension LogQuery {
    private static let limits = 1...1000
    private static let orders = ["asc", "desc"]
    private static let levels = LogLine.Level.allCases.map(\.rawValue)

    /// - Throws: `APIProblem` (422) for a parameter out of range.
    init(_ query: inout QueryReader) throws {
        try self.init(&query, order: "order", limit: "limit", limits: Self.limits, cursor: "offset", default: 50)
    }

    /// Reads the parameters under the names of another path.
    ///
    /// - Throws: `APIProblem` (422) for a parameter out of range.
    init(
        _ query: inout QueryReader, order: String, limit limitName: String, limits: ClosedRange<Int>,
        cursor cursorName: String, default fallback: Int = 20
    ) throws {
        ascending = query.choice(order, of: Self.orders) != "desc"
        limit = query.integer(limitName, in: limits, default: fallback)
        cursor = query.string(cursorName).flatMap(Int.init)
        level = query.choice("level", of: Self.levels).flatMap(LogLine.Level.init)
        text = query.string("query")
        start = query.date("start_time")
        end = query.date("end_time")
        try query.validate()
    }

    /// - Throws: `APIProblem` (422) for a field out of range.
    init(_ body: BodyReader) throws {
        ascending = body.choice("order", of: Self.orders) != "desc"
        limit = body.integer("limit", in: Self.limits) ?? 50
        cursor = body.string("offset").flatMap(Int.init)
        level = body.choice("level", of: Self.levels).flatMap(LogLine.Level.init)
        text = body.string("query")
        start = body.date("start_time")
        end = body.date("end_time")
        try body.validate()
    }
}
