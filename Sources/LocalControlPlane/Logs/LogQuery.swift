import ControlPlaneTypes
import Foundation

/// Which lines of a log a request asks for.
struct LogQuery: Sendable {
    var ascending = true
    var limit = 50
    /// The number of the last line that was seen, from the `next_offset` of the page before.
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

    /// The same by the names that another path has for the parameters.
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
