import ControlPlane
import ControlPlaneTypes

/// Reads the log of a revision page by page.
struct LogReader: Sendable {
    let client: ControlPlaneClient
    let revision: RevisionID
    let deployment: DeploymentID
    var query: LogQuery
    private var isDone = false

    init(client: ControlPlaneClient, revision: RevisionID, deployment: DeploymentID, query: LogQuery) {
        self.client = client
        self.revision = revision
        self.deployment = deployment
        self.query = query
    }

    /// The next page; nil at the end.
    mutating func next() async throws -> [RawJSON]? {
        guard !isDone else { return nil }
        let page = try await client.logPageDocument(query, ofRevision: revision, of: deployment)
        let entries = page["logs"]?.elements ?? []
        let next = page["next_offset"].flatMap { $0.text ?? $0.integer.map(String.init) }
        isDone = entries.isEmpty || next == nil || next == query.offset
        query.offset = next
        return entries
    }

    mutating func all() async throws -> [RawJSON] {
        var entries: [RawJSON] = []
        while let page = try await next() { entries += page }
        return entries
    }

    /// The last `count` entries, oldest first.
    mutating func last(_ count: Int) async throws -> [RawJSON] {
        query.order = .newestFirst
        var entries: [RawJSON] = []
        let largestPage = query.limit
        while entries.count < count {
            query.limit = min(count - entries.count, largestPage)
            guard let page = try await next() else { break }
            entries += page
        }
        return entries.prefix(count).reversed()
    }
}
