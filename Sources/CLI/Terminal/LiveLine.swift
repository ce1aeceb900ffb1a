/// What a living line says: where it is narrow, the name gives way to the time.
struct LiveLine: Sendable, Equatable {
    /// Less of a name says nothing.
    private static let shortestLabel = 12

    var label: String
    var elapsed: String
    var remaining: String?

    func fitted(toColumns columns: Int, ellipsis: String) -> String {
        let short = "\(label) \(elapsed)"
        if let remaining, "\(short), \(remaining)".columns <= columns { return "\(short), \(remaining)" }
        let room = columns - elapsed.columns - 1
        guard short.columns > columns, room >= Self.shortestLabel else {
            return short.cut(toColumns: max(columns, 0), ellipsis: ellipsis)
        }
        // Its end says what goes on, its beginning only where.
        let kept = String(label.reversed()).cut(toColumns: room - ellipsis.columns, ellipsis: "")
        return "\(ellipsis)\(String(kept.reversed())) \(elapsed)"
    }
}
