import ControlPlaneTypes
import FoundationEssentials
package import JSON

/// A list of the API that comes in pages, and which of its resources are wanted.
///
/// Each resource's list is declared in the file of its endpoints.
package struct ResourceList: Sendable {
    let template: String
    let values: [String]
    let query: [(name: String, value: String)]
    /// Whether older control planes lack this list.
    var isNewer = false
    /// Applies the filters that older control planes ignore.
    var isWanted: @Sendable (RawJSON) -> Bool = { _ in true }

    func page(limit: Int, offset: Int) -> APICall {
        let call = APICall(
            .get, template, values, query: query + [("limit", String(limit)), ("offset", String(offset))])
        return isNewer ? call.newer : call
    }
}

extension ControlPlaneClient {
    /// The largest page that the API returns.
    static let largestPage = 100
    /// More resources than any workspace has: a longer list has no end.
    static let largestList = 100_000

    /// All pages of a list as the control plane writes them, each resource once, or the first `limit` resources.
    ///
    /// Throws `notSupported` if the control plane ignores the offset and there is more than one page.
    package func documents(_ list: ResourceList, limit: Int? = nil) async throws -> [RawJSON] {
        try await documents(list, limit: limit) { _ in false }
    }

    /// The same, up to the page after which `isEnough` returns true.
    func documents(
        _ list: ResourceList, limit: Int?, until isEnough: ([RawJSON]) -> Bool
    ) async throws -> [RawJSON] {
        var collector = DocumentCollector(list, limit: limit)
        while let offset = collector.offset, !isEnough(collector.resources) {
            let call = list.page(limit: collector.pageSize, offset: offset)
            try collector.add(try await read(call) { try DocumentPage($0) }, at: offset)
        }
        return collector.resources
    }
}

/// Collects the pages of a list as values; a control plane that ignores the offset ends the list.
///
/// Others add and delete resources between two pages, which moves those behind them. Pages therefore overlap: what a page
/// has in common with the one before shows that nothing is missing between them.
struct PageCollector<Resource: Codable & Sendable & Identifiable>: Sendable where Resource.ID: Sendable {
    /// As many as a list of 1,000 needs no page more for.
    static var overlap: Int { 9 }

    private(set) var resources: [Resource] = []
    /// Whether there may be more resources that this control plane never returns.
    private(set) var isTruncated = false
    private var known: Set<Resource.ID> = []
    private var last: Resource.ID?
    /// Whether resources were added before those that had been read.
    private var hasGrown = false
    /// How many pages may be read a second time.
    private var rereads: Int

    init(rereads: Int = 3) { self.rereads = rereads }

    /// Reads pages of `ControlPlaneClient.largestPage` resources until the list ends.
    mutating func collect(_ page: (_ offset: Int) async throws -> Page<Resource>) async throws {
        var next: Int? = 0
        while let offset = next {
            let found = try await page(offset)
            let isApart = offset > 0 && !found.resources.contains { known.contains($0.id) }
            next = add(found, at: offset)
            if isApart { try await readAgain(max(offset - ControlPlaneClient.largestPage + Self.overlap, 0), page) }
        }
        if hasGrown, !isTruncated { try await readAgain(0, page) }
    }

    private mutating func readAgain(_ offset: Int, _ page: (Int) async throws -> Page<Resource>) async throws {
        guard rereads > 0 else { return }
        rereads -= 1
        take(try await page(offset))
    }

    /// Returns whether any of them is new.
    @discardableResult
    private mutating func take(_ page: Page<Resource>) -> Bool {
        let new = page.resources.filter { known.insert($0.id).inserted }
        resources += new
        return !new.isEmpty
    }

    /// Adds the page at `offset`; returns where the next page starts, nil at the end.
    private mutating func add(_ page: Page<Resource>, at offset: Int) -> Int? {
        let place = page.resources.firstIndex { $0.id == last }
        if offset > 0, let place, place >= Self.overlap { hasGrown = true }
        last = page.resources.last?.id
        let hasNew = take(page)
        guard page.resources.count >= ControlPlaneClient.largestPage else { return nil }
        guard hasNew, resources.count < ControlPlaneClient.largestList else {
            isTruncated = true
            return nil
        }
        return PageOffset.next(after: offset, rows: page.resources.count, given: page.offset) - Self.overlap
    }
}

private enum PageOffset {
    /// Where the next page starts: as the control plane says, unless it cannot be.
    static func next(after offset: Int, rows: Int, given: Int) -> Int {
        let usual = offset + rows
        return usual...usual + ControlPlaneClient.largestPage ~= given ? given : usual
    }
}

private struct DocumentPage {
    let rows: [RawJSON]
    /// Where the next page starts according to the control plane, which may be wrong.
    let next: Int

    /// Throws `RawJSONError` if `body` is not a page.
    init(_ body: Data) throws(RawJSONError) {
        let page = try RawJSON(parsing: body)
        guard let rows = page["resources"]?.elements else { throw RawJSONError("no field resources") }
        self.rows = rows
        next = page["offset"]?.integer ?? 0
    }
}

/// Collects the pages of a list as the control plane writes them.
///
/// Such a list must be complete: a control plane that ignores the offset is an error.
private struct DocumentCollector {
    let list: ResourceList
    /// How many resources are wanted; nil means all.
    let limit: Int?
    private(set) var resources: [RawJSON] = []
    private var known: Set<String> = []
    /// Where the next page starts; nil if none is needed.
    private(set) var offset: Int? = 0

    init(_ list: ResourceList, limit: Int?) {
        self.list = list
        self.limit = limit
        if limit == 0 { offset = nil }
    }

    /// The size of the next page to request.
    var pageSize: Int {
        min(limit.map { $0 - resources.count } ?? ControlPlaneClient.largestPage, ControlPlaneClient.largestPage)
    }

    /// Adds the page at `offset`. Throws if it contains known resources only.
    mutating func add(_ page: DocumentPage, at offset: Int) throws(ControlPlaneError) {
        let requested = pageSize
        let new = page.rows.filter { row in row["id"]?.text.map { known.insert($0).inserted } ?? true }
        if !page.rows.isEmpty && new.isEmpty { throw Self.offsetIgnored(after: known.count) }
        resources += new.filter(list.isWanted).prefix(requested)
        let isLast = page.rows.count < requested || limit.map { resources.count >= $0 } ?? false
        guard isLast || known.count < ControlPlaneClient.largestList else { throw Self.tooLong }
        self.offset = isLast ? nil : PageOffset.next(after: offset, rows: page.rows.count, given: page.next)
    }

    private static let tooLong = ControlPlaneError(
        .notSupported, "cannot list more than \(ControlPlaneClient.largestList) resources",
        hint: "narrow the list with a filter such as --name-contains")

    private static func offsetIgnored(after count: Int) -> ControlPlaneError {
        ControlPlaneError(
            .notSupported,
            "cannot list more than \(count) resources: this control plane returns the same page for every offset",
            hint:
                "narrow the list with a filter such as --name-contains, read a single page with --limit \(count), "
                + "or name the resource by its id")
    }
}
