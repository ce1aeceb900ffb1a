package import ControlPlane
package import ControlPlaneTypes
import Engine
import FoundationEssentials

/// Reads the lines that a revision's log has got since it was read last.
package struct LogFollower: Sendable {
    /// Planes gather lines from several machines: one may come after a line that is younger.
    private static let overlap: TimeInterval = 5

    private let client: ControlPlaneClient
    private let deployment: DeploymentID
    private let revision: RevisionID
    private let kind: LogQuery.Kind
    /// The moment of the youngest line that was read.
    private var newest: Date?
    /// Older lines were left out on purpose.
    private var floor: Date?
    /// How often each line was in the last answer: two may be the same to the letter.
    private var read: [String: Int] = [:]

    package init(
        client: ControlPlaneClient, deployment: DeploymentID, revision: RevisionID, kind: LogQuery.Kind
    ) {
        self.client = client
        self.deployment = deployment
        self.revision = revision
        self.kind = kind
    }

    /// The last `count` lines, for a beginning; only younger ones come after them.
    package mutating func last(_ count: Int) async throws -> [LogEntry] {
        let lines = try await client.logs(kind, ofRevision: revision, of: deployment, last: count)
        newest = lines.compactMap(\.date).max()
        floor = lines.count < count ? nil : newest
        read = Self.counts(lines)
        return lines
    }

    /// What has come since, oldest first.
    package mutating func next() async throws -> [LogEntry] {
        let lines = try await all(since: newest?.addingTimeInterval(-Self.overlap))
        var counts: [String: Int] = [:]
        let new = lines.filter { line in
            counts[line.identity, default: 0] += 1
            guard counts[line.identity, default: 0] > read[line.identity, default: 0] else { return false }
            guard let floor, let date = line.date else { return true }
            return date >= floor
        }
        newest = lines.compactMap(\.date).max().map { max($0, newest ?? $0) } ?? newest
        read = counts
        return new
    }

    private func all(since start: Date?) async throws -> [LogEntry] {
        var query = LogQuery(kind, order: .oldestFirst)
        query.startTime = start.map { EventTimestamp.text(from: $0) }
        var lines: [LogEntry] = []
        while true {
            let page = try await client.logPage(query, ofRevision: revision, of: deployment)
            lines += page.logs
            guard !page.logs.isEmpty, let next = page.nextOffset, next != query.offset else { break }
            query.offset = next
        }
        return ControlPlaneClient.inOrderOfTime(lines)
    }

    private static func counts(_ lines: [LogEntry]) -> [String: Int] {
        lines.reduce(into: [:]) { $0[$1.identity, default: 0] += 1 }
    }
}

extension LogEntry {
    fileprivate var identity: String { id ?? "\(date?.timeIntervalSince1970 ?? 0) \(message)" }

    /// One entry may be several lines of text.
    package var lines: [String] { message.split(whereSeparator: \.isNewline).map(String.init) }
}
