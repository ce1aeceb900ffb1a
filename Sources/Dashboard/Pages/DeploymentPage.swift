import Foundation
import Reports

/// Which log a page shows: of a revision, or of the newest one.
struct LogChoice: Sendable, Equatable {
    var revision: String?
    var kind: DashboardReader.LogKind?

    var query: String {
        let parts = [
            revision.map { "revision=" + PageParts.encoded($0) }, kind.map { "log=" + $0.rawValue },
        ].compactMap(\.self)
        return parts.isEmpty ? "" : "?" + parts.joined(separator: "&")
    }
}

/// One deployment: what is live, what is in progress with its log, and what was live when.
struct DeploymentPage: Sendable {
    struct Log: Sendable {
        var revision: String
        var kind: DashboardReader.LogKind
        var reading: Reading<[String]>
    }

    let deployment: DeploymentRow
    let history: Reading<HistoryDocument>
    let log: Log?
    let choice: LogChoice
    let rollbacks: [RollbackTicket]
    let runs: Set<String>
    let parts: PageParts
    let isReadOnly: Bool

    var content: PageContent {
        PageContent(
            title: deployment.name, section: .deployments, reload: PageContent.Reload(seconds: 10),
            live: PageParts.path(of: deployment.name, "/events" + choice.query),
            body: [
                header, live("now"),
                .element(
                    "section", ["aria-labelledby": "timeline-title"],
                    [
                        .element("h2", ["id": "timeline-title"], "What was live when"), live("timeline"),
                    ]),
                .element(
                    "section", ["id": "log", "aria-labelledby": "log-title"],
                    [
                        .element("h2", ["id": "log-title"], "Log"), live("log"),
                    ]),
            ])
    }

    var regions: [LiveRegion] {
        [
            LiveRegion(name: "now", content: now), LiveRegion(name: "timeline", content: timeline),
            LiveRegion(name: "log", content: logMarkup),
        ]
    }

    private func live(_ name: String) -> HTML {
        .element("div", ["data-live": name], regions.filter { $0.name == name }.map(\.content))
    }

    private var header: HTML {
        let action: [HTML] =
            isReadOnly
            ? []
            : [
                .element(
                    "a",
                    [
                        "class": "button", "id": "roll-back", "href": PageParts.path(of: deployment.name, "/rollback"),
                        "aria-keyshortcuts": "r",
                    ], "Roll back…")
            ]
        return .element("div", ["class": "title"], [.element("h1", [:], deployment.name)] + action)
    }

    private var now: HTML {
        let notices = rollbacks.map { ticket in
            HTML.element(
                "p", ["class": "notice running"],
                [
                    .element("a", ["href": "/rollbacks/\(ticket.id)"], "A rollback is in progress"),
                    .text(": \(ticket.reason)"),
                ])
        }
        let cards = [liveCard, lastDeployCard, lastChangeCard, findingsCard].compactMap(\.self)
        return .joined(notices + [.element("div", ["class": "facts"], cards)])
    }

    private var liveCard: HTML {
        guard let active = deployment.active else { return card("Live now", "", [.text("nothing")]) }
        var lines = [PageParts.source(active)]
        if let age = parts.age(of: active) { lines.append(.joined([age, .text(", revision "), id(active.id)])) }
        if let undone = active.rollbackOf { lines.append(.joined([.text("rollback of "), id(undone)])) }
        if let url = deployment.url { lines.append(.link(url)) }
        return card("Live now", "live", lines)
    }

    private var lastDeployCard: HTML {
        var lines = [OverviewPage.health(of: deployment)]
        for revision in deployment.underWay ?? [] {
            lines.append(.joined([id(revision.id), .text(" "), PageParts.source(revision)]))
            if let age = parts.age(revision.createdAt) { lines.append(.joined([.text("started "), age])) }
        }
        if let latest = deployment.latest, latest.id != deployment.active?.id, deployment.underWay?.isEmpty != false {
            lines.append(
                .joined(
                    [.joined([.text("revision "), id(latest.id)]), parts.age("created", latest.createdAt)]
                        .compactMap(\.self), separator: ", "))
        }
        let kind = deployment.health == .failed ? "failure" : deployment.health == .underWay ? "timeout" : ""
        return card("Last rollout", kind, lines)
    }

    /// Verdicts of changes whose end nobody knows.
    private static let unended: Set = ["running", "unfinished", "unknown"]

    private var lastChangeCard: HTML? {
        guard let change = deployment.lastChange else {
            return deployment.active.map { _ in card("Last change", "", [.text("not recorded here")]) }
        }
        let what = (change.verdict ?? change.kind ?? "").replacing("_", with: " ")
        let who = change.actor.map { actor in "by \(actor)" + (change.host.map { " on \($0)" } ?? "") }
        let when = parts.age(Self.unended.contains(change.verdict ?? "") ? "started" : "ended", change.at)
        var lines: [HTML] = [.joined([.text(what), when].compactMap(\.self), separator: ", ")]
        if let reason = change.reason { lines.append(.element("q", [:], reason)) }
        if let who { lines.append(.text(who)) }
        return card("Last change", "", lines)
    }

    private var findingsCard: HTML? {
        OverviewPage.findings(of: deployment).map { card("Findings", deployment.drift.isEmpty ? "" : "error", [$0]) }
    }

    private func id(_ text: String) -> HTML { .element("code", ["title": text], String(text.prefix(8))) }

    private func card(_ title: String, _ kind: String, _ lines: [HTML]) -> HTML {
        .element(
            "div", ["class": kind.isEmpty ? "card" : "card \(kind)"],
            [.element("h2", [:], title)] + lines.map { .element("p", [:], [$0]) })
    }

    private var timeline: HTML {
        switch history.result {
        case .failure(let problem): PageParts.problem(problem)
        case .success(let document):
            .joined(
                PageParts.warnings(history.warnings) + [
                    HistoryList(
                        rows: document.entries, deployment: deployment, runs: runs, parts: parts, isReadOnly: isReadOnly
                    ).markup
                ])
        }
    }

    private var logMarkup: HTML {
        guard let log else { return .element("p", ["class": "empty"], "No revision yet.") }
        let tabs = DashboardReader.LogKind.allCases.map { kind in
            let choice = LogChoice(revision: log.revision, kind: kind)
            return HTML.element(
                "a",
                [
                    "href": PageParts.path(of: deployment.name, choice.query + "#log"),
                    "aria-current": kind == log.kind ? "true" : "",
                ], kind == .build ? "Build" : "Deploy")
        }
        let head = HTML.element(
            "div", ["class": "loghead"],
            [
                .element("nav", ["class": "tabs", "aria-label": "Which log"], tabs),
                .element("p", ["class": "dim"], [.text("revision "), id(log.revision)]),
            ])
        switch log.reading.result {
        case .failure(let problem): return .joined([head, PageParts.problem(problem)])
        case .success(let lines):
            guard lines.contains(where: { !$0.isEmpty }) else {
                return .joined([head, .element("p", ["class": "empty"], "Nothing was logged yet.")])
            }
            let label = "\(log.kind == .build ? "Build" : "Deploy") log of revision \(log.revision.prefix(8))"
            return .joined([
                head,
                .element(
                    "pre",
                    ["class": "log", "tabindex": "0", "role": "region", "aria-label": label, "data-follow": "end"],
                    [.lines(lines)]),
            ])
        }
    }
}
