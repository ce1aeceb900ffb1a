import Clocks
import Engine
import Redaction
import WorkflowModel

/// One run of a Markdown summary.
struct MarkdownRun {
    let summary: RunSummary
    let limits: MarkdownSummary.Limits

    static func headline(_ summary: RunSummary) -> String {
        let clean = TextSanitizer(escapesCICommands: false)
        let text = MarkdownText.escape(Headline(summary, clean: clean).text)
        return "### \((summary.verdict?.outcome).symbol) \(text)\n"
    }

    var text: String {
        [Self.headline(summary), facts, cause, phases, warnings, log]
            .filter { !$0.isEmpty }.joined(separator: "\n")
    }

    // MARK: - What is live

    private var facts: String {
        guard summary.hasSeveralRollouts else { return table(MarkdownRollout(summary.main).facts + [run]) }
        let rollouts = summary.rollouts.prefix(limits.rows).map { rollout in
            MarkdownRollout(rollout).row(summary.outcome(of: rollout))
        }
        let rest = summary.rollouts.count - rollouts.count
        let more = rest > 0 ? ["| … \(rest) more deployments | | | | |\n"] : []
        return "| deployment | result | serves now | commit | rollback |\n|---|---|---|---|---|\n"
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
            "**Cause** (\(code), job \(MarkdownText.code(primary.job))\(step)): "
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
        return "| phase | result | took | tries |\n|---|---|--:|--:|\n" + (rows.prefix(limits.rows) + more).joined()
    }

    private func stepRows(_ step: StepSummary) -> [String] {
        let tries = step.attempts.count > 1 ? "\(step.attempts.count)" : ""
        let name = MarkdownText.escape(step.name)
        let phases = summary.revisions(awaitedBy: step.address).flatMap(\.phases)
        return [row(name, step.result, step.attempts.isEmpty ? nil : step.duration, tries)]
            + phases.filter { $0.result != .skip }.map { row("└ \($0.phase.rawValue)", $0.result, $0.duration, "") }
    }

    private func row(_ name: String, _ result: Outcome?, _ time: Duration?, _ tries: String) -> String {
        "| \(name) | \(result.symbol) \(result.word) | \(time?.brief ?? "") | \(tries) |\n"
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
        return folded("The last \(lines.count) lines of the log '\(log.stream)'", lines)
    }

    /// Between tags no line is Markdown, and none can close them: angle brackets are escaped.
    private func folded(_ title: String, _ lines: [String]) -> String {
        let lines = lines.suffix(limits.logLines)
        guard !lines.isEmpty else { return "" }
        let body = HTML.element("pre", [:], [.lines(Array(lines))]).markup
        return "\n<details><summary>\(HTML.text(title).markup)</summary>\n\n\(body)\n\n</details>\n"
    }
}
