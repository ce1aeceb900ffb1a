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

    package init(_ kind: Kind, order: Order = .oldestFirst, limit: Int = 1000, offset: String? = nil) {
        self.kind = kind
        self.order = order
        self.limit = limit
        self.offset = offset
    }

    var query: [(name: String, value: String)] {
        [("type", kind.rawValue), ("order", order.rawValue), ("limit", String(limit))]
            + (offset.map { [("offset", $0)] } ?? [])
    }

    /// The body that older control planes take instead of a query.
    struct Body: Encodable {
        let order: Order
        let limit: Int
        let offset: String?
    }

    var body: Body { Body(order: order, limit: limit, offset: offset) }
}
