import Clocks
import Engine
package import Redaction

/// The end of a run for people: the verdict in the first line, then what failed, what is live and what to do next.
/// Says less where there is less to say.
package struct ConsoleSummary: Sendable {
    /// As many as fit a screen together with the rest.
    package static let logLines = 20
    /// A line each.
    static let rollouts = 20

    package enum Line: Sendable, Equatable {
        /// The label is empty where the fact before has several lines.
        case fact(label: String, text: String)
        /// A line of a log, whose blanks matter.
        case log(String)
    }

    private let summary: RunSummary
    private let isFailureShown: Bool
    private let reports: [String]
    private let journal: String?
    private let notes: [String]
    private let clean: TextSanitizer
    private let resumeFlags: String

    /// - Parameters:
    ///   - isFailureShown: whether the reader has seen the progress lines, which name the reason of the failure.
    ///   - reports: paths of the reports that were written.
    ///   - journal: the path of the run's journal.
    ///   - notes: what else there is to know, for the last lines.
    ///   - clean: how to treat text from elsewhere, log lines and messages alike.
    ///   - resumeFlags: what `slipway resume` needs besides the run, with a blank before it.
    package init(
        _ summary: RunSummary, isFailureShown: Bool = false, reports: [String] = [], journal: String? = nil,
        notes: [String] = [], clean: TextSanitizer, resumeFlags: String = ""
    ) {
        self.summary = summary
        self.isFailureShown = isFailureShown
        self.reports = reports
        self.journal = journal
        self.notes = notes
        self.clean = clean
        self.resumeFlags = resumeFlags
    }

    /// The verdict; without the reason where that is shown elsewhere.
    package var headline: String {
        let headline = Headline(summary, clean: clean)
        return summary.primaryFailure == nil ? headline.text : headline.withoutReason
    }

    /// The verdict with its reason, for readers of standard output, who have seen nothing else.
    package var result: String { Headline(summary, clean: clean).text }

    package var lines: [Line] {
        failure + lastStatus + log + rollback + commits + liveNow + next + files
            + notes.map { fact("note", $0) }
    }

    /// All of it as plain text, with a newline at the end.
    package var text: String {
        let lines = lines.map { line in
            switch line {
            case .fact(let label, let text): "  \(Self.column(label))\(text)"
            case .log(let text): "    | \(text)"
            }
        }
        return ([headline] + lines).joined(separator: "\n") + "\n"
    }

    /// A label, padded to the width of the labels' column.
    package static func column(_ label: String) -> String {
        label + String(repeating: " ", count: max(13 - label.count, 1))
    }

    private func fact(_ label: String, _ text: String) -> Line { .fact(label: label, text: clean.line(text)) }

    private var isGood: Bool { summary.verdict?.outcome == .success }
}

// MARK: - What happened

extension ConsoleSummary {
    private var failure: [Line] {
        guard let primary = summary.primaryFailure else { return [] }
        let failure = primary.failure
        let place = "job \(primary.job)" + (primary.step.map { ", step \($0.id)" } ?? "") + " (\(failure.code))"
        return [fact("failed", isFailureShown ? place : "\(place): \(failure.message)")]
            + failure.details.suffix(Self.logLines).map { fact("", $0) }
    }

    private var lastStatus: [Line] {
        guard let revision = summary.main.revision, let last = revision.timeline.last, !isGood else { return [] }
        let earlier = revision.timeline.dropLast().map { "\($0.status) \($0.duration.brief)" }
        let after = earlier.isEmpty ? "" : " after " + earlier.joined(separator: ", ")
        return [fact("last status", "revision \(revision.id) \(last.status)\(after)")]
    }

    private var log: [Line] {
        guard !isGood, let log = summary.relevantLog, !log.lines.isEmpty else { return [] }
        let lines = log.lines.suffix(Self.logLines)
        // A step may have put the same lines into its failure.
        if let details = summary.primaryFailure?.failure.details, let last = lines.last, details.contains(last) {
            return []
        }
        return [fact("log", "last lines of '\(log.stream)':")] + lines.map { .log(clean.line($0)) }
    }

    private var rollback: [Line] {
        guard !isGood else { return [] }
        guard let revision = summary.main.rollbackRevision else { return requestedRollback }
        let status = revision.status.map { " \($0)" } ?? ""
        return [fact("rollback", "revision \(revision.id)\(status)")]
    }

    private var commits: [Line] {
        guard let (from, to) = summary.main.commitChange else { return [] }
        return [fact("commits", "from \(from) to \(to); git log \(from)...\(to) lists the difference")]
    }

    /// A cancelled run may not have seen the revision that the rollback created.
    private var requestedRollback: [Line] {
        guard let rollback = summary.main.rollback, let target = rollback.toRevisionID, let id = rollback.revisionID
        else { return [] }
        return [fact("rollback", "to revision \(target), requested as revision \(id)")]
    }
}

// MARK: - What is live and what to do next

extension ConsoleSummary {
    private var liveNow: [Line] {
        if summary.hasSeveralRollouts { return liveNowEverywhere }
        guard let deployment = summary.main.deployment else { return [] }
        return [fact(summary.liveLabel, live(on: summary.main))]
            + (deployment.dashboardURL.map { [fact("dashboard", $0)] } ?? [])
    }

    private var liveNowEverywhere: [Line] {
        let shown = summary.rollouts.prefix(Self.rollouts).enumerated().map { place, rollout in
            let word = rollout.outcome.word
            return fact(
                place == 0 ? summary.liveLabel : "", "\(rollout.deployment?.name ?? "") (\(word)): \(live(on: rollout))"
            )
        }
        let rest = summary.rollouts.count - shown.count
        return shown + (rest > 0 ? [fact("", "and \(rest) more deployments, see the reports")] : [])
    }

    private func live(on rollout: RolloutSummary) -> String {
        guard let id = rollout.liveRevisionID else { return rollout.withoutLiveRevision }
        let parts = ["revision \(id)", rollout.liveCommitSHA.map { "commit \($0)" }, rollout.deployment?.url]
        return parts.compactMap(\.self).joined(separator: ", ")
    }

    private var next: [Line] {
        nextAction.map { [fact("next", $0)] } ?? []
    }

    private var nextAction: String? {
        if let hint = rollbackHint ?? summary.primaryFailure?.failure.hint {
            return hint + repetition
        }
        switch summary.verdict {
        case .none where summary.isRunning: return nil
        case .interrupted, .terminated, .none:
            return summary.runID.map { "resume with: slipway resume \($0)\(resumeFlags)" }
        case .rollbackFailed, .timedOut:
            return summary.main.deployment.map {
                "check what is live: slipway status \(ShellWord.quoted($0.name))\(summary.commandFlags)"
            }
        default: return nil
        }
    }

    /// A run that ended is not interrupted: only what failed in it can be run again.
    private var repetition: String {
        guard summary.verdict == .unreachable, let id = summary.runID else { return "" }
        return "; then run slipway resume --failed \(id)\(resumeFlags)"
    }

    /// What to do by hand matters more than the cause when the rollback failed too.
    private var rollbackHint: String? {
        guard summary.verdict == .rollbackFailed else { return nil }
        return summary.failures.filter { $0.failure.verdict == .rollbackFailed }.compactMap(\.failure.hint).first
    }

    private var files: [Line] {
        let files = isGood ? [] : [("whole log", summary.relevantLogFile), ("journal", journal)]
        return reports.map { fact("report", $0) } + files.compactMap { label, path in path.map { fact(label, $0) } }
    }
}
