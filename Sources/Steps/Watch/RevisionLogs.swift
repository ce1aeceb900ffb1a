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
    private var buildNotes: BuildNotes?

    init(
        _ context: StepContext, deployment: DeploymentID, revision: RevisionID, isFollowed: Bool,
        buildLineHint: String? = nil
    ) {
        buildNotes = isFollowed ? nil : buildLineHint.map { BuildNotes(hint: $0) }
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

    /// Notes what a long build does, where that is wanted.
    mutating func noteBuildLine(
        in status: RevisionStatus, by reader: inout BestEffortReader, until end: MonotonicInstant
    ) async throws {
        guard status == .building, var notes = buildNotes else { return }
        defer { buildNotes = notes }
        guard notes.isDue(at: context.clock.now) else { return }
        let reading = try await reader.read(until: end) {
            try await $0.logs(.build, ofRevision: revision, of: deployment, last: 5)
        }
        guard case .answer(let entries) = reading, let line = Self.tellingLine(entries.flatMap(\.lines)),
            let text = notes.text(for: line)
        else { return }
        context.note(text)
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

/// Decides when a long build is described, and how.
private struct BuildNotes: Sendable {
    private static let pause = Duration.seconds(20)

    let hint: String
    private var next: MonotonicInstant?
    private var lastLine: String?

    init(hint: String) { self.hint = hint }

    mutating func isDue(at now: MonotonicInstant) -> Bool {
        let isDue = next.map { now >= $0 } ?? false
        if isDue || next == nil { next = now.advanced(by: Self.pause) }
        return isDue
    }

    /// Nil for the line that was noted last.
    mutating func text(for line: String) -> String? {
        guard line != lastLine else { return nil }
        defer { lastLine = line }
        return "building: \(line)" + (lastLine == nil ? " (\(hint))" : "")
    }
}
