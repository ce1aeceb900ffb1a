import ControlPlaneTypes
import FoundationEssentials
import JSON

/// Follows the pages of a list, whichever way the API splits it: by offset, by cursor, or not at all.
struct APIPagination: Sendable {
    struct Step: Sendable {
        var elements: [RawJSON]
        /// The query of the next page; nil at the end.
        var query: APIQuery?
    }

    struct Problem: Error, Equatable {
        var message: String
        var hint: String
    }

    private static let largestPage = 100
    private var known: Set<String> = []
    private var seen: Set<String> = []

    /// The first page, with the largest size unless the query sets one.
    static func start(_ query: APIQuery, path: String) -> APIQuery {
        let isPagedByOffset = ["/v2/deployments", "/v2/listeners", "/revisions"].contains { path.hasSuffix($0) }
        return isPagedByOffset && query["limit"] == nil ? query.setting("limit", String(largestPage)) : query
    }

    /// The elements of a page and the query of the next one. Throws `Problem` when the page is not a list, or the list
    /// does not end.
    mutating func take(_ page: RawJSON, of query: APIQuery) throws(Problem) -> Step {
        if let elements = page.elements { return Step(elements: elements, query: nil) }
        for key in ["resources", "items", "logs", "data"] {
            guard let elements = page[key]?.elements else { continue }
            guard let next = Self.next(after: page, elements: elements.count, of: query) else {
                return Step(elements: elements, query: nil)
            }
            try checkProgress(elements, next)
            return Step(elements: elements, query: next)
        }
        throw Problem(
            message: "the response is not a paginated list", hint: "omit --paginate")
    }

    private static func next(after page: RawJSON, elements: Int, of query: APIQuery) -> APIQuery? {
        guard elements > 0 else { return nil }
        if let cursor = page["next_cursor"]?.text, !cursor.isEmpty { return query.setting("cursor", cursor) }
        if let offset = page["next_offset"], let text = offset.text ?? offset.integer.map(String.init), !text.isEmpty {
            return query.setting("offset", text)
        }
        // Lists of resources have an offset, but no sign that more follows.
        guard page["resources"] != nil else { return nil }
        let size = query["limit"].flatMap { Int($0) } ?? 20
        guard elements >= size else { return nil }
        let offset = query["offset"].flatMap { Int($0) } ?? 0
        let reported = page["offset"]?.integer ?? 0
        return query.setting("offset", String(reported > offset ? reported : offset + elements))
    }

    /// A control plane that ignores the offset returns the same page forever.
    private mutating func checkProgress(_ elements: [RawJSON], _ next: APIQuery) throws(Problem) {
        let ids = elements.compactMap { $0["id"]?.text }
        let isNew = ids.isEmpty || ids.reduce(false) { known.insert($1).inserted || $0 }
        guard isNew, seen.insert(next.text).inserted else {
            throw Problem(
                message: "the control plane returns the same page repeatedly",
                hint: "omit --paginate and read one page with a filter")
        }
    }
}
