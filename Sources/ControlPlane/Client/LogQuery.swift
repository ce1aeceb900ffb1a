/// Which log lines of a revision.
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
    /// Lines in one page, 1...1000.
    package var limit: Int
    /// `nextOffset` of the page before.
    package var offset: String?
    package var level: String?
    /// Text that the lines must have in them.
    package var text: String?
    /// RFC 3339, as the two are sent.
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

    /// The body that older control planes take instead of a query.
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
