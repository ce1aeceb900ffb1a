import Clocks
import ControlPlaneTypes
import Engine
import Foundation
import Redaction
import Reports

/// A rollback on its way, and its verdict.
struct ProgressPage: Sendable {
    let progress: RollbackProgress
    /// Whether the timeline of its run can be shown.
    let hasTimeline: Bool
    let parts: PageParts

    private var ticket: RollbackTicket { progress.ticket }

    var content: PageContent {
        PageContent(
            title: "\(progress.isFinished ? "Rollback" : "Rolling back") \(ticket.deployment)", section: .deployments,
            reload: progress.isFinished ? nil : PageContent.Reload(seconds: 3),
            live: progress.isFinished ? "" : "/rollbacks/\(ticket.id)/events",
            body: [
                .element(
                    "p", ["class": "crumb"],
                    [.element("a", ["href": PageParts.path(of: ticket.deployment)], "Back to \(ticket.deployment)")]),
                .element("div", ["data-live": "progress"], [region.content]),
            ])
    }

    var region: LiveRegion {
        LiveRegion(
            name: "progress", content: .joined([verdict, problem, request, steps, facts, links].compactMap(\.self)))
    }

    private var verdict: HTML {
        let code = progress.exitCode.map { " · exit code \($0)" } ?? ""
        let word =
            switch progress.state {
            case .running: "In progress"
            case .ended(.success): "Succeeded"
            case .ended(let outcome): Self.words[outcome] ?? "Ended"
            case .lost: "Unknown"
            }
        return .element(
            "header", ["class": "verdict \(progress.kind)", "role": "status"],
            [
                .element("p", ["class": "badge"], word), .element("h1", [:], progress.headline),
                .element(
                    "p", ["class": "dim"],
                    [.text("started "), parts.age(Self.text(ticket.startedAt)) ?? .text(""), .text(code)]),
            ])
    }

    private static let words: [Outcome: String] = [
        .failure: "Failed", .error: "Error", .timeout: "Timed out", .cancellation: "Cancelled",
    ]

    private static func text(_ date: Date) -> String { date.formatted(.iso8601) }

    private var problem: HTML? { progress.problem.map(PageParts.problem) }

    private var request: HTML {
        func row(_ title: String, _ value: HTML) -> HTML {
            .element("div", [:], [.element("dt", [:], title), .element("dd", [:], [value])])
        }
        func revision(_ id: String) -> HTML { .element("code", ["title": id], String(id.prefix(8))) }
        return .element(
            "dl", ["class": "request"],
            [
                row("Deployment", .text(ticket.deployment)), ticket.from.map { row("From", revision($0)) },
                row("To", revision(ticket.to)), row("Reason", .element("q", [:], ticket.reason)),
            ].compactMap(\.self))
    }

    private var steps: HTML? {
        let steps = progress.summary.steps
        guard !steps.isEmpty else { return nil }
        let rows = steps.map { step in
            let kind = step.result?.rawValue ?? (step.isRunning ? "running" : "skip")
            let word =
                step.result.map { $0 == .success ? "done" : $0.rawValue } ?? (step.isRunning ? "running" : "waiting")
            let took = step.result != nil && step.result != .skip ? " " + step.duration.brief : ""
            return HTML.element(
                "li", ["class": kind],
                [
                    PageParts.badge(kind, step.name), .text(" "), .element("span", ["class": "dim"], word + took),
                ] + (step.failure.map { [.element("p", [:], $0.message)] } ?? []))
        }
        return .element(
            "section", ["aria-labelledby": "steps-title"],
            [.element("h2", ["id": "steps-title"], "Steps"), statuses, .element("ol", ["class": "steps"], rows)]
                .compactMap(\.self))
    }

    /// Of the revision that the rollback made.
    private var statuses: HTML? {
        guard let revision = progress.summary.main.rollbackRevision ?? progress.summary.revisions.last,
            let status = revision.status
        else { return nil }
        let word = RevisionStatusWord(status.rawValue)
        return .element(
            "p", [:],
            [
                .text("Revision "), .element("code", ["title": revision.id], String(revision.id.prefix(8))), .text(" "),
                PageParts.badge(word.kind, word.text),
            ])
    }

    private var facts: HTML? {
        guard progress.isFinished, !progress.summary.steps.isEmpty else { return nil }
        let lines = ConsoleSummary(progress.summary, clean: TextSanitizer(escapesCICommands: false)).lines
        let rows = lines.map { line in
            switch line {
            case .fact(let label, let text):
                HTML.element("div", [:], [.element("dt", [:], label), .element("dd", [:], text)])
            case .log(let text):
                HTML.element("div", [:], [.element("dt"), .element("dd", [:], [.element("code", [:], text)])])
            }
        }
        guard !rows.isEmpty else { return nil }
        return .element(
            "section", ["aria-labelledby": "facts-title"],
            [.element("h2", ["id": "facts-title"], "Result"), .element("dl", ["class": "result"], rows)])
    }

    private var links: HTML? {
        guard progress.isFinished else {
            return .element(
                "p", ["class": "dim"], "The rollback continues when you close this page, or end slipway dashboard.")
        }
        var links: [HTML] = [
            .element(
                "a", ["class": "button", "href": PageParts.path(of: ticket.deployment)], "Show \(ticket.deployment)")
        ]
        if hasTimeline, let run = progress.summary.runID?.rawValue {
            links.append(.element("a", ["href": "/runs/\(run)"], "Timeline of the run"))
        }
        return .element("p", ["class": "links"], [.joined(links, separator: " ")])
    }
}
