import Clocks
import Engine
import Redaction

/// One run of the page: verdict, what serves, the cause of a failure, the time axis, the revisions.
struct HTMLRun {
    let summary: RunSummary
    let logLines: Int
    let isAlone: Bool

    var markup: HTML {
        let parts = [verdict, HTMLFacts.markup(of: summary), timeline, cause, revisions, warnings, footer]
        return .element("article", ["class": Self.kind(summary.verdict)], parts.compactMap(\.self))
    }

    /// The verdict's class in the style sheet.
    static func kind(_ verdict: Verdict?) -> String { verdict?.outcome.rawValue ?? "running" }

    /// The verdict in a word or two.
    static func badge(_ verdict: Verdict?) -> String {
        switch verdict {
        case .success: "Succeeded"
        case .changesPending: "Changes pending"
        case .failed: "Failed"
        case .rollbackFailed: "Failed, and the rollback too"
        case .superseded: "Superseded"
        case .commitMismatch: "Wrong commit"
        case .timedOut: "Timed out"
        case .interrupted, .terminated: "Stopped"
        case .none: "Unfinished"
        default: "Error"
        }
    }

    private var verdict: HTML {
        let clean = TextSanitizer(escapesCICommands: false)
        var meta = [summary.startedAt.map { MomentText.utc($0) }, summary.duration.brief].compactMap(\.self)
        if let verdict = summary.verdict { meta.append("exit code \(verdict.exitCode)") }
        if let id = summary.runID { meta.append("run \(id)") }
        return .element(
            "header", ["class": "verdict"],
            [
                .element("p", ["class": "badge"], Self.badge(summary.verdict)),
                .element(isAlone ? "h1" : "h2", [:], HTMLTitle(summary: summary).text),
                .element("p", [:], Headline(summary, clean: clean).text),
                .element("p", ["class": "dim"], meta.joined(separator: " · ")),
            ])
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
        if let hint = primary.failure.hint { parts.append(.element("p", ["class": "hint"], "Next: \(hint)")) }
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
            let role = revision.role == .ours ? "New revision " : "Revision of the rollback "
            let stays = revision.timeline.map { stay in
                HTML.element(
                    "tr", [:],
                    [
                        .element("td", [:], stay.status), .element("td", [:], MomentText.utc(stay.enteredAt)),
                        .element("td", ["class": "number"], stay.duration.brief),
                    ])
            }
            let head = ["status", "since", "for"].map { HTML.element("th", ["scope": "col"], $0) }
            return .element(
                "details", [:],
                [
                    .element("summary", [:], [.text(role), .element("code", [:], revision.id)]),
                    .element("table", [:], [.element("tr", [:], head)] + stays),
                ])
        }
        return rows.isEmpty ? nil : .element("section", [:], [.element("h3", [:], "Statuses of the revisions")] + rows)
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
        let requests = summary.requests.map { "\($0.total) requests, \($0.retries) of them again" }
        let workflow = summary.workflow.map { "workflow \($0)" }
        return .element(
            "footer", ["class": "dim"], [workflow, requests, tool].compactMap(\.self).joined(separator: " · "))
    }
}
