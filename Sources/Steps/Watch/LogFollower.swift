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

/// Tells a run the log lines of a revision while it is watched.
struct LogStreamer: Sendable {
    private let context: StepContext
    private var followers: [(kind: LogQuery.Kind, follower: LogFollower)]
    private var isSilent = false

    init(client: ControlPlaneClient, context: StepContext, deployment: DeploymentID, revision: RevisionID) {
        self.context = context
        followers = LogQuery.Kind.allCases.map {
            ($0, LogFollower(client: client, deployment: deployment, revision: revision, kind: $0))
        }
    }

    /// Tells what is new of the log that is being written in this status, and of both in a final one. A log that
    /// cannot be read costs a warning: the deploy does not hang on it.
    mutating func look(_ status: RevisionStatus) async {
        for index in followers.indices where Self.isWritten(followers[index].kind, in: status) {
            let kind = followers[index].kind
            do {
                let lines = try await followers[index].follower.next().flatMap(\.lines)
                context.log(lines, from: kind.rawValue)
            } catch let error as ControlPlaneError {
                if !isSilent { context.warn("cannot follow the \(kind.rawValue) log: \(error.message)") }
                isSilent = true
            } catch {
                return
            }
        }
    }

    private static func isWritten(_ kind: LogQuery.Kind, in status: RevisionStatus) -> Bool {
        if status.isTerminal { return true }
        return switch RolloutPhase(status) {
        case .building: kind == .build
        case .deploying, .unclear: true
        }
    }
}

extension StepServices {
    /// Nil where logs are not followed.
    func logStreamer(of revision: RevisionID, in deployment: DeploymentID, _ context: StepContext) -> LogStreamer? {
        guard followsLogs else { return nil }
        return LogStreamer(client: client, context: context, deployment: deployment, revision: revision)
    }
}

/// Fetches the last log lines of a revision, so that a failure can be understood after the rollback too.
struct LogTail: Sendable {
    /// Enough for a stack trace and what came before it.
    static let lineCount = 60

    let client: ControlPlaneClient
    let context: StepContext
    let deployment: DeploymentID
    let revision: RevisionID
    /// The lines are in the run already, because it followed them.
    var isLogged = false

    /// The last line that says something; advice is not a cause.
    static func tellingLine(_ lines: [String]) -> String? {
        lines.last { !$0.allSatisfy(\.isWhitespace) && !$0.hasPrefix("hint:") }
    }

    /// Records the tails as log events; returns the last line of the last one that has any.
    @discardableResult
    func collect(_ types: [LogQuery.Kind]) async throws -> String? {
        var last: String?
        for type in types {
            do {
                let entries = try await client.logs(type, ofRevision: revision, of: deployment, last: Self.lineCount)
                let lines = entries.flatMap { $0.message.split(whereSeparator: \.isNewline).map(String.init) }
                if !isLogged { context.log(Array(lines.suffix(Self.lineCount)), from: type.rawValue) }
                last = Self.tellingLine(lines) ?? last
            } catch let error as ControlPlaneError {
                context.warn("cannot read the \(type.rawValue) log of revision \(revision): \(error.message)")
            }
        }
        return last
    }
}
