import Clocks
import ControlPlaneTypes
import Engine
import FoundationEssentials
import Redaction

/// Runs as one HTML page: no script, nothing loaded from elsewhere, readable without its style sheet.
package struct HTMLReport: Sendable {
    /// Browsers on phones fail on longer pages.
    static let maximumBytes = 12 << 20

    private let summaries: [RunSummary]

    /// - Parameter summaries: several runs share one page.
    package init(_ summaries: [RunSummary]) { self.summaries = summaries }

    /// The whole document, with a newline at the end.
    package var page: String {
        var page = ""
        for lines in [LogTail.maximumLines, 40, 5, 0] {
            // Escaping only makes it longer.
            if lines > 0 && logBytes(lines) > Self.maximumBytes { continue }
            page = document(logLines: lines)
            if page.utf8.count <= Self.maximumBytes { break }
        }
        return page
    }

    private func logBytes(_ lines: Int) -> Int {
        summaries.flatMap(\.steps).flatMap(\.logs).reduce(0) { sum, log in
            sum + log.lines.suffix(lines).reduce(0) { $0 + $1.utf8.count }
        }
    }

    private func document(logLines: Int) -> String {
        let sections = summaries.map { HTMLRun(summary: $0, logLines: logLines, isAlone: summaries.count == 1).markup }
        let body = HTML.element("main", [:], (summaries.count == 1 ? [] : [overview]) + sections)
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="\(Self.policy)">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="referrer" content="no-referrer">
            <meta name="robots" content="noindex">
            <title>\(HTML.text(title).markup)</title>
            <link rel="icon" href="\(icon)">
            <style>\(HTMLStyle.sheet)</style>
            </head>
            <body>
            \(body.markup)
            </body>
            </html>

            """
    }

    /// Nothing is loaded and no script runs, whatever a log contains.
    private static let policy =
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

    private var verdict: Verdict? { Verdict.merged(summaries.map(\.verdict)) }

    private var title: String {
        let word = HTMLRun.badge(verdict)
        guard summaries.count == 1, let summary = summaries.first else { return "\(word): \(summaries.count) runs" }
        return "\(word): \(summary.main.deployment?.name ?? summary.workflow ?? "run")"
    }

    /// A dot in the colour of the verdict.
    private var icon: String {
        let color =
            switch verdict?.outcome {
            case .success: "16814f"
            case .failure: "c22f45"
            case .error, .timeout: "b26a00"
            case .cancellation, .skip, .none: "6b7585"
            }
        let head = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
        return head + "%3Ccircle cx='8' cy='8' r='7' fill='%23\(color)'/%3E%3C/svg%3E"
    }

    private var overview: HTML {
        let good = summaries.filter { $0.verdict?.outcome == .success }.count
        let rows = summaries.enumerated().map { index, summary in
            HTML.element(
                "li", ["class": HTMLRun.kind(summary.verdict)],
                [
                    .element("span", ["class": "badge"], HTMLRun.badge(of: summary)),
                    .text(" \(summary.main.deployment?.name ?? summary.workflow ?? "run \(index + 1)") "),
                    .element("span", ["class": "dim"], summary.duration.brief),
                ])
        }
        return .element(
            "header", ["class": "overview \(HTMLRun.kind(verdict))"],
            [.element("h1", [:], "\(good) of \(summaries.count) runs succeeded"), .element("ul", [:], rows)])
    }
}

/// One run of the page: verdict, what is live, timeline, reason of a failure, revisions.
private struct HTMLRun {
    let summary: RunSummary
    let logLines: Int
    let isAlone: Bool

    var markup: HTML {
        let parts = [verdict, HTMLFacts.markup(of: summary), timeline, cause, revisions, warnings, footer]
        return .element("article", ["class": Self.kind(summary.verdict)], parts.compactMap(\.self))
    }

    /// The class of the verdict in the style sheet.
    static func kind(_ verdict: Verdict?) -> String { verdict?.outcome.rawValue ?? "running" }

    static func badge(of summary: RunSummary) -> String {
        summary.isRunning ? "In progress" : badge(summary.verdict)
    }

    /// The verdict in a word or two.
    static func badge(_ verdict: Verdict?) -> String {
        switch verdict {
        case .success: "Succeeded"
        case .changesPending: "Changes pending"
        case .failed: "Failed"
        case .rollbackFailed: "Failed, rollback failed"
        case .superseded: "Superseded"
        case .commitMismatch: "Wrong commit"
        case .timedOut: "Timed out"
        case .interrupted, .terminated: "Cancelled"
        case .none: "Unfinished"
        default: "Error"
        }
    }

    private var verdict: HTML {
        let headline = Headline(summary, clean: TextSanitizer(escapesCICommands: false))
            .text(omittingReason: cause != nil)
        var meta = [summary.startedAt.map { $0.utcText }, summary.duration.brief].compactMap(\.self)
        if let verdict = summary.verdict { meta.append("exit code \(verdict.exitCode)") }
        if let id = summary.runID { meta.append("run \(id)") }
        let title = HTMLTitle(summary: summary).text
        let lines = [
            HTML.element("p", ["class": "badge"], Self.badge(of: summary)),
            .element(isAlone ? "h1" : "h2", [:], title), headline == title ? nil : .element("p", [:], headline),
            .element("p", ["class": "dim"], meta.joined(separator: " · ")),
        ]
        return .element("header", ["class": "verdict"], lines.compactMap(\.self))
    }

    private var cause: HTML? {
        guard let primary = summary.primaryFailure else { return nil }
        let place = "job \(primary.job)" + (primary.step.map { ", step \($0.id)" } ?? "")
        var parts: [HTML] = [
            .element("h3", [:], "Why"),
            .element(
                "p", [:],
                [.element("code", [:], primary.failure.code), .text(" in \(place): \(primary.failure.message)")]),
        ]
        if let hint = primary.failure.hint { parts.append(.element("p", ["class": "hint"], "Hint: \(hint)")) }
        let details = primary.failure.details.suffix(max(logLines, 5))
        if !details.isEmpty { parts.append(.element("pre", [:], [.lines(Array(details))])) }
        if let log = summary.relevantLog, let folded = HTMLLog(log: log, lines: logLines).markup {
            parts.append(folded)
        }
        return .element("section", ["class": "cause"], parts)
    }

    private var timeline: HTML? {
        summary.jobs.isEmpty ? nil : HTMLTimeline(timeline: Timeline(summary), logLines: logLines).markup
    }

    private var revisions: HTML? {
        let rows = summary.revisions.filter { !$0.timeline.isEmpty }.map { revision -> HTML in
            let role = revision.role == .ours ? "New revision " : "Rollback revision "
            let periods = revision.timeline.map { period in
                HTML.element(
                    "tr", [:],
                    [
                        .element("td", [:], period.status.rawValue), .element("td", [:], period.enteredAt.utcText),
                        .element("td", ["class": "number"], period.duration.brief),
                    ])
            }
            let head = ["status", "since", "for"].map { HTML.element("th", ["scope": "col"], $0) }
            return .element(
                "details", [:],
                [
                    .element("summary", [:], [.text(role), .element("code", [:], revision.id)]),
                    .element("table", [:], [.element("tr", [:], head)] + periods),
                ])
        }
        return rows.isEmpty ? nil : .element("section", [:], [.element("h3", [:], "Revision statuses")] + rows)
    }

    private var warnings: HTML? {
        let all = summary.warnings
        guard !all.isEmpty else { return nil }
        return .element(
            "section", ["class": "warnings"],
            [
                .element("h3", [:], "Warnings"),
                .element("ul", [:], all.prefix(200).map { .element("li", [:], $0) }),
            ])
    }

    private var footer: HTML {
        let tool = summary.tool.map { "\($0.name) \($0.version)" }
        let requests = summary.requests.map { "\($0.total) requests (\($0.retries) retries)" }
        let workflow = summary.workflow.map { "workflow \($0)" }
        return .element(
            "footer", ["class": "dim"], [workflow, requests, tool].compactMap(\.self).joined(separator: " · "))
    }
}

/// The result of a run in a few words, in large type.
private struct HTMLTitle {
    let summary: RunSummary

    var text: String {
        switch summary.verdict {
        case .success where summary.hasSeveralRollouts:
            return summary.rollouts.allSatisfy(\.isLive) && hasSubject
                ? "\(subject) is live on \(summary.rollouts.count) deployments"
                : "\(workflow) succeeded on \(summary.rollouts.count) deployments"
        case .success where summary.main.rollback?.result == .success: return "\(deployment) was rolled back"
        case .success where summary.main.revision?.status == .deployed: return "\(subject) is live on \(deployment)"
        case .failed where hasSubject: return "\(subject) failed on \(deployment)\(afterwards)"
        case .commitMismatch: return "The wrong commit was built for \(deployment)\(afterwards)"
        case .rollbackFailed: return "\(subject) failed on \(deployment), and the rollback failed"
        case .superseded: return "\(subject) was superseded on \(deployment)"
        case .timedOut where hasSubject: return "\(subject) timed out on \(deployment)"
        case .interrupted, .terminated, .none:
            let end =
                summary.isRunning ? "is in progress" : summary.verdict == nil ? "was interrupted" : "was cancelled"
            return hasSubject ? "The deploy of \(subject) to \(deployment) \(end)" : "\(workflow) \(end)"
        default:
            return Headline(summary, clean: TextSanitizer(escapesCICommands: false))
                .text(omittingReason: summary.primaryFailure != nil)
        }
    }

    private var afterwards: String {
        guard let rollback = summary.main.rollback, rollback.attempted, rollback.result == .success else { return "" }
        return "; the previous revision is live again"
    }

    private var hasSubject: Bool { summary.subject(of: summary.main) != nil && summary.main.deployment != nil }

    /// The commit or image.
    private var subject: String { summary.subject(of: summary.main) ?? "The new revision" }

    private var deployment: String { summary.main.deployment?.name ?? "the deployment" }

    private var workflow: String { "Workflow '\(summary.workflow ?? "?")'" }
}

extension Date {
    /// `2026-03-01 12:00:00 UTC`, because readers of one report sit in several time zones.
    fileprivate var utcText: String {
        EventTimestamp.text(from: self).prefix(19).replacing("T", with: " ") + " UTC"
    }
}
