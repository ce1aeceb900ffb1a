import ControlPlaneTypes

/// Decides how to go on through a list: control planes that ignore `offset` answer the same page for ever.
struct ListWalk<Resource: Codable & Sendable, ID: Hashable & Sendable>: Sendable {
    /// The most the API gives at once.
    static var pageSize: Int { 100 }

    let id: @Sendable (Resource) -> ID
    private(set) var resources: [Resource] = []
    /// Whether there may be more that this plane never shows.
    private(set) var isCut = false
    private var known: Set<ID> = []

    init(id: @escaping @Sendable (Resource) -> ID) {
        self.id = id
    }

    /// Takes the page that was asked for from `offset` on; returns where the next one starts, nil at the end.
    mutating func take(_ page: Page<Resource>, from offset: Int) -> Int? {
        let new = page.resources.filter { known.insert(id($0)).inserted }
        resources += new
        guard page.resources.count >= Self.pageSize else { return nil }
        guard !new.isEmpty else {
            isCut = true
            return nil
        }
        return page.offset > offset ? page.offset : offset + page.resources.count
    }
}
