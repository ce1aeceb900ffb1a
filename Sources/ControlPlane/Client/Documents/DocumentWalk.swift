import ControlPlaneTypes
import FoundationEssentials
import JSON

/// One page of a list.
struct DocumentPage: Sendable {
    let rows: [RawJSON]
    /// Where the next page starts, if the control plane is right about it.
    let next: Int

    /// Throws `RawJSONError` when `body` is something else.
    init(_ body: Data) throws(RawJSONError) {
        let page = try RawJSON(parsing: body)
        guard let rows = page["resources"]?.elements else { throw RawJSONError("no field resources") }
        self.rows = rows
        next = page["offset"]?.integer ?? 0
    }
}

/// Decides how to go on through a list whose resources are wanted as the control plane writes them.
///
/// Unlike a look-up, a list must be whole: a control plane that ignores `offset` is an error and not an end.
struct DocumentWalk: Sendable {
    /// The most the API gives at once.
    static var largestPage: Int { 100 }

    let list: ResourceList
    /// How many are wanted; nil is all.
    let limit: Int?
    private(set) var resources: [RawJSON] = []
    private var known: Set<String> = []
    /// Where the next page starts; nil when there is no need for one.
    private(set) var offset: Int? = 0

    init(_ list: ResourceList, limit: Int?) {
        self.list = list
        self.limit = limit
        if limit == 0 { offset = nil }
    }

    /// How many to ask for next.
    var pageSize: Int {
        min(limit.map { $0 - resources.count } ?? Self.largestPage, Self.largestPage)
    }

    /// Takes the page that was asked for. Throws when it brings nothing but what is known.
    mutating func take(_ page: DocumentPage, from offset: Int) throws(ControlPlaneError) {
        let asked = pageSize
        let new = page.rows.filter { row in row["id"]?.text.map { known.insert($0).inserted } ?? true }
        if !page.rows.isEmpty && new.isEmpty { throw Self.unseenRest(after: known.count) }
        resources += new.filter(list.isWanted).prefix(asked)
        let isLast = page.rows.count < asked || limit.map { resources.count >= $0 } ?? false
        self.offset = isLast ? nil : page.next > offset ? page.next : offset + page.rows.count
    }

    static func unseenRest(after count: Int) -> ControlPlaneError {
        ControlPlaneError(
            .notSupported,
            "this control plane answers the same page whatever the offset, so that only \(count) can be seen",
            hint:
                "narrow the list with a filter such as --name-contains, take what one page has with --limit \(count), "
                + "or name the resource by its id")
    }
}
