package import ControlPlane
package import ControlPlaneTypes
import Engine
import FoundationEssentials

/// A place in a revision's log, from which its new lines are read.
package struct LogCursor: Sendable {
    /// Planes gather lines from several machines: one may come after a line that is younger.
    private static let overlap: TimeInterval = 5
    /// A line that is further in the future has a wrong time, which must not hide those after it.
    private static let clockTolerance: TimeInterval = 300
    /// The pages of one read, and their characters: what is left is read the next time.
    private static let mostPages = 10
    private static let mostBytes = 8 << 20

    package let kind: LogQuery.Kind
    private let deployment: DeploymentID
    private let revision: RevisionID
    /// The moment of the youngest line that was read.
    private var newest: Date?
    /// Older lines were left out on purpose.
    private var floor: Date?
    /// How often each line was in the last answer: two may be the same to the letter.
    private var read: [String: Int] = [:]
    /// Where the last read stopped before the end of the log.
    private var rest: LogQuery?

    package init(kind: LogQuery.Kind, deployment: DeploymentID, revision: RevisionID) {
        self.kind = kind
        self.deployment = deployment
        self.revision = revision
    }

    /// Whether the last read stopped before the end of the log.
    package var hasMore: Bool { rest != nil }

    /// The last `count` lines, for a beginning; only younger ones come after them.
    package mutating func last(_ count: Int, from client: ControlPlaneClient) async throws -> [LogEntry] {
        let lines = try await client.logs(kind, ofRevision: revision, of: deployment, last: count)
        newest = Self.newest(of: lines, client)
        floor = lines.count < count ? nil : newest
        read = Self.counts(lines)
        return lines
    }

    /// What has come since, oldest first, or as much of it as one read may bring.
    package mutating func next(from client: ControlPlaneClient) async throws -> [LogEntry] {
        let isContinued = rest != nil
        let lines = try await pages(from: client)
        let counts = Self.counts(lines)
        let new = isContinued ? lines : unread(lines)
        newest = [newest, Self.newest(of: lines, client)].compactMap(\.self).max()
        read = isContinued ? read.merging(counts, uniquingKeysWith: +) : counts
        return new
    }

    private func unread(_ lines: [LogEntry]) -> [LogEntry] {
        var counts: [String: Int] = [:]
        return lines.filter { line in
            counts[line.identity, default: 0] += 1
            guard counts[line.identity, default: 0] > read[line.identity, default: 0] else { return false }
            guard let floor, let date = line.date else { return true }
            return date >= floor
        }
    }

    /// Stops at a page without a new line, which would come again and again.
    private mutating func pages(from client: ControlPlaneClient) async throws -> [LogEntry] {
        var next: LogQuery? = rest ?? firstPage
        var lines: [LogEntry] = []
        var (identities, pages, bytes) = (Set<String>(), 0, 0)
        while let query = next, pages < Self.mostPages, bytes < Self.mostBytes {
            let page = try await client.logPage(query, ofRevision: revision, of: deployment)
            let known = identities.count
            identities.formUnion(page.logs.map(\.identity))
            next = identities.count > known ? query.following(page) : nil
            if identities.count > known { lines += page.logs }
            pages += 1
            bytes += page.logs.reduce(0) { $0 + $1.message.utf8.count }
        }
        rest = next
        return ControlPlaneClient.inOrderOfTime(lines)
    }

    private var firstPage: LogQuery {
        var query = LogQuery(kind, order: .oldestFirst)
        query.startTime = newest.map { EventTimestamp.text(from: $0.addingTimeInterval(-Self.overlap)) }
        return query
    }

    private static func newest(of lines: [LogEntry], _ client: ControlPlaneClient) -> Date? {
        let latest = client.serverDate.addingTimeInterval(clockTolerance)
        return lines.compactMap(\.date).filter { $0 <= latest }.max()
    }

    private static func counts(_ lines: [LogEntry]) -> [String: Int] {
        lines.reduce(into: [:]) { $0[$1.identity, default: 0] += 1 }
    }
}

extension LogQuery {
    /// The query of the page after `page`; nil when that was the last one.
    fileprivate func following(_ page: LogsPage) -> LogQuery? {
        guard let next = page.nextOffset, next != offset else { return nil }
        var query = self
        query.offset = next
        return query
    }
}

extension LogEntry {
    fileprivate var identity: String { id ?? "\(date?.timeIntervalSince1970 ?? 0) \(message)" }

    /// One entry may be several lines of text.
    package var lines: [String] { message.split(whereSeparator: \.isNewline).map(String.init) }
}
