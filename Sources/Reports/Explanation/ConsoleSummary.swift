import Clocks
import Engine
package import Redaction

/// The last words of a run, for people: the verdict in the first line, then what failed, what serves now and what to
/// do next. Says less where there is less to say.
package struct ConsoleSummary: Sendable {
    /// As many as fit a screen together with the rest.
    package static let logLines = 20
    /// A line each.
    static let rollouts = 20

    private let summary: RunSummary
    private let reports: [String]
    private let journal: String?
    private let clean: TextSanitizer
    private let resumeFlags: String

    /// - Parameters:
    ///   - reports: paths of the reports that were written.
    ///   - journal: the path of the run's journal.
    ///   - clean: how to treat text from elsewhere, log lines and messages alike.
    ///   - resumeFlags: what `slipway resume` needs besides the run, with a blank before it.
    package init(
        _ summary: RunSummary, reports: [String] = [], journal: String? = nil, clean: TextSanitizer,
        resumeFlags: String = ""
    ) {
        self.resumeFlags = resumeFlags
        self.summary = summary
        self.reports = reports
        self.journal = journal
        self.clean = clean
    }

    /// Ends with a newline.
    package var text: String {
        ([headline] + facts.map { "  " + $0 }).joined(separator: "\n") + "\n"
    }

    package var headline: String { Headline(summary, clean: clean).text }

    private var facts: [String] {
        whatFailed + lastStatus + log + rollback + whatServes + next + files
    }

    private var whatFailed: [String] {
        guard let primary = summary.primaryFailure else { return [] }
        let step = primary.step.map { ", step \($0.id)" } ?? ""
        let failure = primary.failure
        return [fact("failed", "job \(primary.job)\(step) (\(failure.code)): \(failure.message)")]
            + failure.details.suffix(Self.logLines).map { fact("", $0) }
    }

    private var lastStatus: [String] {
        guard let revision = summary.main.revision, let last = revision.timeline.last, !isGood else { return [] }
        let way = revision.timeline.dropLast().map { "\($0.status) \($0.duration.brief)" }
        let before = way.isEmpty ? "" : " after " + way.joined(separator: ", ")
        return [fact("last status", "revision \(revision.id) \(last.status)\(before)")]
    }

    private var log: [String] {
        guard !isGood, let log = summary.relevantLog, !log.lines.isEmpty else { return [] }
        let lines = log.lines.suffix(Self.logLines)
        // A step may have put the same lines into its failure.
        if let details = summary.primaryFailure?.failure.details, let last = lines.last, details.contains(last) {
            return []
        }
        return [fact("log", "the end of '\(log.stream)':")] + lines.map { "  | " + clean.line($0) }
    }

    private var rollback: [String] {
        guard !isGood else { return [] }
        guard let revision = summary.main.rollbackRevision else { return rollbackAskedFor }
        return [
            fact("rollback", (["revision", revision.id] + [revision.status].compactMap(\.self)).joined(separator: " "))
        ]
    }

    /// A run that was told to stop may not have seen anything of it.
    private var rollbackAskedFor: [String] {
        guard let asked = summary.main.rollback, let target = asked.toRevisionID, let id = asked.revisionID else {
            return []
        }
        return [fact("rollback", "to revision \(target), asked for as revision \(id)")]
    }

    private var whatServes: [String] {
        if summary.hasSeveralRollouts { return whatServesWhere }
        guard let deployment = summary.main.deployment else { return [] }
        return [fact("serves now", whatServes(on: summary.main))]
            + (deployment.dashboardURL.map { [fact("dashboard", $0)] } ?? [])
    }

    private var whatServesWhere: [String] {
        let shown = summary.rollouts.prefix(Self.rollouts).enumerated().map { place, rollout in
            let word = summary.outcome(of: rollout).word
            return fact(
                place == 0 ? "serves now" : "",
                "\(rollout.deployment?.name ?? "") (\(word)): \(whatServes(on: rollout))")
        }
        let rest = summary.rollouts.count - shown.count
        return shown + (rest > 0 ? [fact("", "and \(rest) more deployments, which the reports have")] : [])
    }

    private func whatServes(on rollout: RolloutSummary) -> String {
        guard let id = rollout.liveRevisionID else { return "nothing is known to serve" }
        let parts = ["revision \(id)", rollout.liveCommitSHA.map { "commit \($0)" }, rollout.deployment?.url]
        return parts.compactMap(\.self).joined(separator: ", ")
    }

    private var next: [String] {
        nextAction.map { [fact("next", $0)] } ?? []
    }

    private var nextAction: String? {
        if let hint = rollbackHint ?? summary.primaryFailure?.failure.hint { return hint }
        switch summary.verdict {
        case .success, .changesPending: return nil
        case .interrupted, .terminated, .none:
            return summary.runID.map { "go on with: slipway resume \($0)\(resumeFlags)" }
        case .rollbackFailed, .timedOut:
            return summary.main.deployment.map { "see what serves with: slipway status \($0.name)" }
        default: return nil
        }
    }

    /// What to do by hand matters more than the cause when the way back failed too.
    private var rollbackHint: String? {
        guard summary.verdict == .rollbackFailed else { return nil }
        return summary.failures.filter { $0.failure.verdict == .rollbackFailed }.compactMap(\.failure.hint).first
    }

    private var files: [String] {
        let journal = isGood ? nil : journal
        return reports.map { fact("report", $0) } + (journal.map { [fact("journal", $0)] } ?? [])
    }

    private var isGood: Bool { summary.verdict?.outcome == .success }

    private func fact(_ label: String, _ text: String) -> String {
        let padding = String(repeating: " ", count: max(13 - label.count, 1))
        return label + padding + clean.line(text)
    }
}
