import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine

/// The build and deploy log of a watched revision, recorded in the run: as they come when they are followed, and
/// otherwise their last lines when it failed, so that the failure can be understood after a rollback too.
///
/// A log that cannot be read costs one warning.
struct RevisionLogs: Sendable {
    /// Enough for a stack trace and what came before it.
    static let lineCount = 60

    private let context: StepContext
    private let deployment: DeploymentID
    private let revision: RevisionID
    private let isFollowed: Bool
    private var cursors: [LogCursor]
    private var tellingLines: [LogQuery.Kind: String] = [:]
    private var hasWarned = false

    init(_ context: StepContext, deployment: DeploymentID, revision: RevisionID, isFollowed: Bool) {
        self.context = context
        self.deployment = deployment
        self.revision = revision
        self.isFollowed = isFollowed
        cursors = LogQuery.Kind.allCases.map { LogCursor(kind: $0, deployment: deployment, revision: revision) }
    }

    /// Records what is new in the log that is written in this status, when logs are followed.
    mutating func recordNew(
        in status: RevisionStatus, by reader: inout BestEffortReader, until end: MonotonicInstant
    ) async throws {
        guard isFollowed else { return }
        for kind in LogQuery.Kind.allCases where Self.isWritten(kind, in: status) {
            try await recordNew(kind, by: &reader, until: end)
        }
    }

    /// Records what is left of followed logs after the verdict, and otherwise the end of `kinds`. Returns the last line
    /// of `kinds` that says something.
    @discardableResult
    mutating func recordEnd(
        of kinds: [LogQuery.Kind], by reader: inout BestEffortReader
    ) async throws -> String? {
        for kind in isFollowed ? LogQuery.Kind.allCases : kinds {
            if isFollowed {
                try await recordNew(kind, by: &reader, until: nil)
            } else {
                try await recordLastLines(of: kind, by: &reader)
            }
        }
        return kinds.reversed().compactMap { tellingLines[$0] }.first
    }

    /// The last line that says something; advice is not a cause.
    static func tellingLine(_ lines: [String]) -> String? {
        lines.last { !$0.allSatisfy(\.isWhitespace) && !$0.hasPrefix("hint:") }
    }

    private mutating func recordNew(
        _ kind: LogQuery.Kind, by reader: inout BestEffortReader, until end: MonotonicInstant?
    ) async throws {
        for index in cursors.indices where cursors[index].kind == kind {
            var cursor = cursors[index]
            let reading = try await reader.read(until: end) { try await cursor.next(from: $0) }
            // A read that failed half way starts over.
            if case .answer = reading { cursors[index] = cursor }
            record(reading, of: kind)
        }
    }

    private mutating func recordLastLines(
        of kind: LogQuery.Kind, by reader: inout BestEffortReader
    ) async throws {
        let reading = try await reader.read {
            try await $0.logs(kind, ofRevision: revision, of: deployment, last: Self.lineCount)
        }
        record(reading, of: kind, atMost: Self.lineCount)
    }

    private mutating func record(
        _ reading: BestEffortReader.Reading<[LogEntry]>, of kind: LogQuery.Kind, atMost count: Int = .max
    ) {
        switch reading {
        case .answer(let entries):
            let lines = entries.flatMap(\.lines)
            context.log(Array(lines.suffix(count)), from: kind.rawValue)
            tellingLines[kind] = Self.tellingLine(lines) ?? tellingLines[kind]
        case .failed(let error):
            if !hasWarned {
                context.warn("cannot read the \(kind.rawValue) log of revision \(revision): \(error.message)")
            }
            hasWarned = true
        case .skipped: break
        }
    }

    private static func isWritten(_ kind: LogQuery.Kind, in status: RevisionStatus) -> Bool {
        switch RolloutPhase(status) {
        case .building: kind == .build
        case .deploying, .unclear: true
        }
    }
}
