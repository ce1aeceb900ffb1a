import Clocks
import ControlPlaneTypes
import Engine
import Redaction
import WorkflowModel

/// The job summary of runs in Markdown: the verdict in the first line, then what is live, why it failed and how long
/// each phase took.
package struct MarkdownSummary: Sendable {
    /// GitHub drops a step's whole summary when it is longer than 1 MiB.
    package static let maximumBytes = 900 << 10

    private let summaries: [RunSummary]

    /// - Parameter summaries: several runs share one summary.
    package init(_ summaries: [RunSummary]) { self.summaries = summaries }

    /// - Parameter bytes: the limit; the log is shortened first, then the tables.
    package func text(within bytes: Int = MarkdownSummary.maximumBytes) -> String {
        for limits in Limits.decreasing {
            let text = text(limits)
            if text.utf8.count <= bytes { return text }
        }
        return headline.utf8.count <= bytes ? headline : ""
    }

    /// How much of a run is shown.
    struct Limits {
        var logLines: Int
        var rows: Int

        static let decreasing = [
            Limits(logLines: LogTail.maximumLines, rows: 1000), Limits(logLines: 40, rows: 1000),
            Limits(logLines: 0, rows: 200), Limits(logLines: 0, rows: 20),
        ]
    }

    private func text(_ limits: Limits) -> String {
        let sections = summaries.map { MarkdownRun(summary: $0, limits: limits).text }
        guard summaries.count > 1 else { return sections.first ?? "" }
        return ([headline] + sections).joined(separator: "\n")
    }

    private var headline: String {
        guard summaries.count != 1 else { return summaries.first.map { MarkdownRun.headline($0) } ?? "" }
        let verdict = Verdict.merged(summaries.map(\.verdict))
        let good = summaries.filter { $0.verdict?.outcome == .success }.count
        return "## \((verdict?.outcome).symbol) \(good) of \(summaries.count) runs succeeded\n"
    }
}

extension Outcome? {
    /// An emoji; nil stands for what did not finish.
    var symbol: String {
        switch self {
        case .success: "✅"
        case .failure: "❌"
        case .error: "⚠️"
        case .timeout: "⏱️"
        case .cancellation: "🛑"
        case .skip: "⏭️"
        case .none: "❔"
        }
    }

    var word: String { self?.rawValue ?? "did not finish" }
}

/// One run of a Markdown summary.
struct MarkdownRun {
    let summary: RunSummary
    let limits: MarkdownSummary.Limits

    /// - Parameter isAlone: whether nothing else of the run is shown, so that the reason has to stand here.
    static func headline(_ summary: RunSummary, isAlone: Bool = true) -> String {
        let headline = Headline(summary, clean: TextSanitizer(escapesCICommands: false))
        let text = MarkdownText.escape(headline.text(omittingReason: !isAlone && summary.primaryFailure != nil))
        return "### \((summary.verdict?.outcome).symbol) \(text)\n"
    }

    var text: String {
        [Self.headline(summary, isAlone: false), facts, cause, phases, warnings, log]
            .filter { !$0.isEmpty }.joined(separator: "\n")
    }

    // MARK: - What is live

    private var facts: String {
        guard summary.hasSeveralRollouts else {
            return table(MarkdownRollout(summary.main, liveLabel: summary.liveLabel).facts + [run])
        }
        let rollouts = summary.rollouts.prefix(limits.rows).map { rollout in
            MarkdownRollout(rollout).row(rollout.outcome)
        }
        let rest = summary.rollouts.count - rollouts.count
        let more = rest > 0 ? ["| … \(rest) more deployments | | | | |\n"] : []
        return "| deployment | result | \(summary.liveLabel) | commit | rollback |\n|---|---|---|---|---|\n"
            + (rollouts + more).joined() + "\n" + table([run])
    }

    private func table(_ rows: [(String, String)]) -> String {
        "| | |\n|---|---|\n" + rows.map { "| \($0.0) | \($0.1) |\n" }.joined()
    }

    private var run: (String, String) {
        let id = summary.runID.map { MarkdownText.code($0.rawValue) } ?? ""
        let code = summary.verdict.map { ", exit code \($0.exitCode)" } ?? ""
        return ("run", "\(id), \(summary.duration.brief)\(code)")
    }

    // MARK: - What happened

    private var cause: String {
        guard let primary = summary.primaryFailure else { return "" }
        let step = primary.step.map { ", step \(MarkdownText.code($0.id))" } ?? ""
        let failure = primary.failure
        let code = MarkdownText.code(failure.code)
        let hint = failure.hint.map { "  \n**hint:** \(MarkdownText.escape($0))" } ?? ""
        return
            "**Reason** (\(code), job \(MarkdownText.code(primary.job))\(step)): "
            + "\(MarkdownText.escape(failure.message))\(hint)\n" + folded("Details", failure.details)
    }

    private var phases: String {
        let showsJobs = summary.jobs.count > 1
        let rows = summary.jobs.flatMap { job in
            (showsJobs ? [row("**\(MarkdownText.escape(job.id))**", job.result, nil, "")] : [])
                + job.steps.flatMap(stepRows)
        }
        guard !rows.isEmpty else { return "" }
        let rest = rows.count - limits.rows
        let more = rest > 0 ? ["| … \(rest) more rows | | | |\n"] : []
        return "| phase | result | took | attempts |\n|---|---|--:|--:|\n" + (rows.prefix(limits.rows) + more).joined()
    }

    private func stepRows(_ step: StepSummary) -> [String] {
        let attempts = step.attempts.count > 1 ? "\(step.attempts.count)" : ""
        let name = MarkdownText.escape(step.name)
        let phases = summary.revisions(awaitedBy: step.address).flatMap(\.phases)
        return [row(name, step.result, step.attempts.isEmpty ? nil : step.duration, attempts)]
            + phases.filter { $0.result != .skip }.map { row("└ \($0.phase.rawValue)", $0.result, $0.duration, "") }
    }

    private func row(_ name: String, _ result: Outcome?, _ time: Duration?, _ attempts: String) -> String {
        "| \(name) | \(result.symbol) \(result.word) | \(time?.brief ?? "") | \(attempts) |\n"
    }

    private var warnings: String {
        let all = summary.warnings
        guard !all.isEmpty else { return "" }
        let more = all.count > limits.rows ? "- … \(all.count - limits.rows) more\n" : ""
        return "**Warnings**\n\n" + all.prefix(limits.rows).map { "- \(MarkdownText.escape($0))\n" }.joined() + more
    }

    private var log: String {
        guard summary.verdict?.outcome != .success, let log = summary.relevantLog else { return "" }
        let lines = Array(log.lines.suffix(limits.logLines))
        let file = summary.relevantLogFile.map { "\nWhole log: `\($0)`\n" } ?? ""
        return folded("Last \(lines.count) lines of the log '\(log.stream)'", lines) + file
    }

    /// Lines between tags are not read as Markdown and cannot close the tags: angle brackets are escaped.
    private func folded(_ title: String, _ lines: [String]) -> String {
        let lines = lines.suffix(limits.logLines)
        guard !lines.isEmpty else { return "" }
        let body = HTML.element("pre", [:], [.lines(Array(lines))]).markup
        return "\n<details><summary>\(HTML.text(title).markup)</summary>\n\n\(body)\n\n</details>\n"
    }
}

/// One deployment of a Markdown summary.
struct MarkdownRollout {
    private let rollout: RolloutSummary
    private let liveLabel: String

    init(_ rollout: RolloutSummary, liveLabel: String = "live now") {
        self.rollout = rollout
        self.liveLabel = liveLabel
    }

    /// The rows of the table, by their labels.
    var facts: [(String, String)] {
        let revision = newRevision.map { ("new revision", $0) }
        let deployment = rollout.deployment.map { _ in ("deployment", name) }
        return [live, revision, rollback.map { ("rollback", $0) }, commit.map { ("commit", $0) }, deployment]
            .compactMap(\.self)
    }

    /// A row of the table of all deployments.
    func row(_ outcome: Outcome?) -> String {
        let live = [liveRevision ?? rollout.withoutLiveRevision, liveURL].compactMap(\.self)
        let columns = [
            name, "\(outcome.symbol) \(outcome.word)", live.joined(separator: ", "), commit ?? "", rollback ?? "",
        ]
        return "| \(columns.joined(separator: " | ")) |\n"
    }

    private var live: (String, String)? {
        guard rollout.deployment != nil else { return nil }
        guard let liveRevision else { return (liveLabel, rollout.withoutLiveRevision) }
        return ("**\(liveLabel)**", [liveRevision, liveURL].compactMap(\.self).joined(separator: ", "))
    }

    private var liveRevision: String? {
        rollout.liveRevisionID.map { id in
            "revision \(MarkdownText.code(id))" + (rollout.liveCommitSHA.map { ", commit \(link($0))" } ?? "")
        }
    }

    private var liveURL: String? {
        rollout.deployment?.url.map { MarkdownText.link(MarkdownText.escape($0), WebLink($0)) }
    }

    private var newRevision: String? {
        guard let revision = rollout.revision, revision.id != rollout.liveRevisionID else { return nil }
        let status = revision.status.map { ", \(MarkdownText.escape($0.rawValue))" } ?? ""
        return MarkdownText.code(revision.id) + status
    }

    private var rollback: String? {
        guard let rollback = rollout.rollback else { return nil }
        guard rollback.attempted else {
            return "none" + (rollback.reason.map { " (\(MarkdownText.escape($0)))" } ?? "")
        }
        let target = rollback.toRevisionID.map { " to \(MarkdownText.code($0))" } ?? ""
        let made = rollback.revisionID.map { " as \(MarkdownText.code($0))" } ?? ""
        let reason = rollback.reason.map { ": \(MarkdownText.escape($0))" } ?? ""
        let commits = rollout.commitChange.map { ", commits \(MarkdownText.code("\($0.from)...\($0.to)"))" } ?? ""
        return "\(rollback.result.symbol) \(rollback.result.word)\(target)\(made)\(commits)\(reason)"
    }

    private var commit: String? {
        guard let read = rollout.commit else { return nil }
        let name = (read.branch ?? read.tag ?? read.ref).map { " on \(MarkdownText.escape($0))" } ?? ""
        let subject = read.subject.map { ": \(MarkdownText.escape($0))" } ?? ""
        return link(read.sha) + name + subject
    }

    private var name: String {
        let name = MarkdownText.escape(rollout.deployment?.name ?? "")
        return MarkdownText.link(name, WebLink(rollout.deployment?.dashboardURL))
    }

    private func link(_ sha: String) -> String {
        MarkdownText.link(
            MarkdownText.code(String(sha.prefix(12))), WebLink(commit: sha, of: rollout.commit?.remoteURL))
    }
}
