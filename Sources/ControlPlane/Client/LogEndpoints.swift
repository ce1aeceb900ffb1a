package import ControlPlaneTypes
import FoundationEssentials
package import JSON

extension ControlPlaneClient {
    /// One page of log lines.
    package func logPage(
        _ query: LogQuery, ofRevision revision: RevisionID, of id: DeploymentID
    ) async throws -> LogsPage {
        try await logPage(query, ofRevision: revision, of: id) { try JSONDecoder().decode(LogsPage.self, from: $0) }
    }

    /// One page as the control plane writes it, with `logs` and `next_offset`.
    package func logPageDocument(
        _ query: LogQuery, ofRevision revision: RevisionID, of id: DeploymentID
    ) async throws -> RawJSON {
        try await logPage(query, ofRevision: revision, of: id) { try RawJSON(parsing: $0) }
    }

    private func logPage<Answer>(
        _ query: LogQuery, ofRevision revision: RevisionID, of id: DeploymentID, decode: (Data) throws -> Answer
    ) async throws -> Answer {
        let values = [id.rawValue, revision.rawValue]
        do {
            return try await read(
                APICall(.get, "/v2/deployments/{id}/revisions/{revision_id}/logs", values, query: query.query).newer,
                decode: decode)
        } catch let error as ControlPlaneError where error.kind == .notSupported {
            let template = "/v1/projects/{id}/revisions/{revision_id}/\(query.kind.rawValue)_logs"
            return try await read(
                APICall(.post, template, values).repeatable.with(body: query.body), decode: decode)
        }
    }

    /// The last `count` lines, oldest first.
    package func logs(
        _ kind: LogQuery.Kind, ofRevision revision: RevisionID, of id: DeploymentID, last count: Int
    ) async throws -> [LogEntry] {
        var newestFirst: [LogEntry] = []
        var query = LogQuery(kind, order: .newestFirst)
        while newestFirst.count < count {
            query.limit = min(count - newestFirst.count, Self.logPageSize)
            let page = try await logPage(query, ofRevision: revision, of: id)
            newestFirst += page.logs
            guard !page.logs.isEmpty, let next = page.nextOffset, next != query.offset else { break }
            query.offset = next
        }
        return Self.inOrderOfTime(newestFirst.prefix(count).reversed())
    }

    /// Sorts lines by time if all have one: some control planes ignore the requested order. Lines with equal times keep
    /// their order.
    package static func inOrderOfTime(_ lines: [LogEntry]) -> [LogEntry] {
        let dated = lines.enumerated().compactMap { place, line in line.date.map { ($0, place, line) } }
        guard dated.count == lines.count else { return lines }
        return dated.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
    }

    /// The largest page that the API returns.
    private static var logPageSize: Int { 1000 }
}

/// Which log lines of a revision to read.
package struct LogQuery: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case build, deploy
    }

    package enum Order: String, Sendable, Codable {
        case oldestFirst = "asc"
        case newestFirst = "desc"
    }

    package var kind: Kind
    package var order: Order
    /// The number of lines in a page, 1...1000.
    package var limit: Int
    /// `nextOffset` of the previous page.
    package var offset: String?
    package var level: String?
    /// Text that the lines must contain.
    package var text: String?
    /// RFC 3339, as is `endTime`.
    package var startTime: String?
    package var endTime: String?

    package init(_ kind: Kind, order: Order = .oldestFirst, limit: Int = 1000, offset: String? = nil) {
        self.kind = kind
        self.order = order
        self.limit = limit
        self.offset = offset
    }

    var query: [(name: String, value: String)] {
        [("type", kind.rawValue), ("order", order.rawValue), ("limit", String(limit))]
            + [
                ("offset", offset), ("level", level), ("query", text), ("start_time", startTime), ("end_time", endTime),
            ].compactMap { name, value in value.map { (name, $0) } }
    }

    /// The body that older control planes expect instead of a query.
    struct Body: Encodable {
        let order: Order
        let limit: Int
        let offset: String?
        let level: String?
        let query: String?
        let startTime: String?
        let endTime: String?

        private enum CodingKeys: String, CodingKey {
            case order, limit, offset, level, query
            case startTime = "start_time"
            case endTime = "end_time"
        }
    }

    var body: Body {
        Body(
            order: order, limit: limit, offset: offset, level: level, query: text, startTime: startTime,
            endTime: endTime)
    }
}
