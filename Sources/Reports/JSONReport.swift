import Clocks
import Engine
import FoundationEssentials
import Redaction

/// The machine-readable report. Every key is present; what is not known is `null`. Its schema is
/// `schema/report.schema.json`.
package struct JSONReport: Encodable, Sendable {
    package static let schemaVersion = 1
    /// As many as people read before they open the whole log.
    package static let logTailLines = 20

    private let schemaVersion = Self.schemaVersion
    private let tool: Tool
    @Nullable private var runID: String?
    @Nullable private var workflow: String?
    @Nullable private var result: Outcome?
    @Nullable private var verdict: Verdict?
    @Nullable private var exitCode: Int32?
    @Nullable private var startedAt: String?
    @Nullable private var finishedAt: String?
    private let durationMilliseconds: Int
    private let commit: Commit
    private let deployment: Deployment
    private let revision: Revision
    @Nullable private var previousRevisionID: String?
    @Nullable private var liveRevisionID: String?
    @Nullable private var rollback: Rollback?
    private let rollouts: [Rollout]
    private let steps: [Step]
    private let requests: Requests
    @Nullable private var error: Failure?
    private let warnings: [String]
    private let logTail: [String]

    package init(_ summary: RunSummary) {
        tool = Tool(summary.tool)
        runID = summary.runID?.rawValue
        workflow = summary.workflow
        result = summary.verdict?.outcome
        verdict = summary.verdict
        exitCode = summary.verdict?.exitCode
        startedAt = summary.startedAt.map(EventTimestamp.text)
        finishedAt = summary.finishedAt.map(EventTimestamp.text)
        durationMilliseconds = summary.duration.milliseconds
        commit = Commit(summary.main.commit)
        deployment = Deployment(summary.main.deployment)
        revision = Revision(summary.main.revision)
        previousRevisionID = summary.main.previousRevisionID
        liveRevisionID = summary.main.liveRevisionID
        rollback = summary.main.rollback.map(Rollback.init)
        rollouts = summary.rollouts.map { Rollout($0, result: $0.outcome) }
        steps = summary.steps.map(Step.init)
        requests = Requests(summary.requests)
        error = summary.primaryFailure.map(Failure.init)
        warnings = summary.warnings
        let tail = summary.primaryFailure == nil ? nil : summary.relevantLog?.lines.suffix(Self.logTailLines)
        // Programs that read the report may print it.
        logTail = tail?.map { TextSanitizer(escapesCICommands: false).line($0) } ?? []
    }

    /// Indented, with a newline at the end. Throws `EncodingError`.
    package func pretty() throws -> String { try StableJSON.pretty(self) }

    /// On one line, without its end. Throws `EncodingError`.
    package func line() throws -> String { try StableJSON.line(self) }

    private enum CodingKeys: String, CodingKey {
        case tool, workflow, result, verdict, commit, deployment, revision, rollback, rollouts, steps, requests, error,
            warnings
        case schemaVersion = "schema_version"
        case runID = "run_id"
        case exitCode = "exit_code"
        case startedAt = "started_at"
        case finishedAt = "finished_at"
        case durationMilliseconds = "duration_ms"
        case previousRevisionID = "previous_revision_id"
        case liveRevisionID = "live_revision_id"
        case logTail = "log_tail"
    }
}

/// The machine-readable report of several runs, each with its own report. Its schema is
/// `schema/merged-report.schema.json`.
package struct MergedReport: Encodable, Sendable {
    private let schemaVersion = JSONReport.schemaVersion
    @Nullable private var result: Outcome?
    @Nullable private var verdict: Verdict?
    @Nullable private var exitCode: Int32?
    @Nullable private var startedAt: String?
    @Nullable private var finishedAt: String?
    private let durationMilliseconds: Int
    private let runs: [JSONReport]

    package init(_ summaries: [RunSummary]) {
        let verdict = Verdict.merged(summaries.map(\.verdict))
        let start = summaries.compactMap(\.startedAt).min()
        let ends = summaries.compactMap(\.finishedAt)
        result = verdict?.outcome
        self.verdict = verdict
        exitCode = verdict?.exitCode
        startedAt = start.map(EventTimestamp.text)
        finishedAt = ends.count == summaries.count ? ends.max().map(EventTimestamp.text) : nil
        let last = summaries.compactMap(\.lastMoment).max()
        let span = start.flatMap { start in last.map { $0.timeIntervalSince(start) } } ?? 0
        durationMilliseconds = Int((max(span, 0) * 1000).rounded())
        runs = summaries.map(JSONReport.init)
    }

    /// Indented, with a newline at the end. Throws `EncodingError`.
    package func pretty() throws -> String { try StableJSON.pretty(self) }

    private enum CodingKeys: String, CodingKey {
        case result, verdict, runs
        case schemaVersion = "schema_version"
        case exitCode = "exit_code"
        case startedAt = "started_at"
        case finishedAt = "finished_at"
        case durationMilliseconds = "duration_ms"
    }
}
