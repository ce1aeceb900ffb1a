import Clocks
import Engine
import FoundationEssentials

/// The machine-readable report of several runs, each as it would be alone. Its schema is
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
