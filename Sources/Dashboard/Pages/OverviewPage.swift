import Foundation
import Reports

/// All deployments: what is live, how the last rollout went, and what differs from what one expects.
struct OverviewPage: Sendable {
    let reading: Reading<[DeploymentRow]>
    let filter: OverviewFilter
    let rollbacks: [RollbackTicket]
    let parts: PageParts
    let isReadOnly: Bool

    var content: PageContent {
        PageContent(
            title: "Deployments", section: .deployments, reload: PageContent.Reload(seconds: 15),
            live: filter.path(at: "/events"),
            body: [
                .element("h1", [:], "Deployments"), search,
                .element("div", ["data-live": "overview"], [region.content]),
            ])
    }

    var region: LiveRegion {
        let rows = reading.value ?? []
        let table = reading.problem.map(PageParts.problem) ?? list(rows)
        return LiveRegion(
            name: "overview",
            content: .joined(
                underWay + PageParts.warnings(reading.warnings) + (reading.problem == nil ? [tabs(rows)] : []) + [
                    table, PageParts.readAt(reading.date),
                ]))
    }

    private var search: HTML {
        let sorts = OverviewFilter.Sort.allCases.map { sort in
            HTML.element(
                "option", ["value": sort.rawValue, "selected": sort == filter.sort ? "selected" : ""], sort.title)
        }
        let show: [HTML] =
            filter.show == .all
            ? [] : [.void("input", ["type": "hidden", "name": "show", "value": filter.show.rawValue])]
        return .element(
            "form", ["class": "search", "role": "search", "method": "get", "action": "/"],
            [
                .element("label", ["for": "q"], "Search"),
                .void(
                    "input",
                    [
                        "id": "q", "name": "q", "type": "search", "value": filter.query, "autocomplete": "off",
                        "placeholder": "Name, commit, subject or author", "aria-keyshortcuts": "/",
                    ]),
                .element("label", ["for": "sort"], "Order"),
                .element("select", ["id": "sort", "name": "sort"], sorts),
                .element("button", ["type": "submit", "class": "quiet"], "Search"),
            ] + show)
    }

    private func tabs(_ rows: [DeploymentRow]) -> HTML {
        let links = OverviewFilter.Show.allCases.map { show in
            HTML.element(
                "a",
                [
                    "href": filter.path(showing: show), "aria-current": show == filter.show ? "true" : "",
                ],
                [
                    .text(show.title + " "),
                    .element("span", ["class": "count"], String(filter.count(rows, showing: show))),
                ])
        }
        return .element("nav", ["class": "tabs", "aria-label": "Which deployments"], links)
    }

    private var underWay: [HTML] {
        rollbacks.map { ticket in
            .element(
                "p", ["class": "notice running"],
                [
                    .text("Rolling back "),
                    .element("a", ["href": "/rollbacks/\(ticket.id)"], ticket.deployment), .text(": \(ticket.reason)"),
                ])
        }
    }

    private func list(_ rows: [DeploymentRow]) -> HTML {
        let shown = filter.apply(rows)
        guard !shown.isEmpty else {
            return .element("p", ["class": "empty"], rows.isEmpty ? "No deployments yet." : "No deployment matches.")
        }
        let heads =
            ["Name", "Live commit", "Since", "Last rollout", "Findings", "Last 20"] + (isReadOnly ? [] : ["Action"])
        let head = HTML.element(
            "thead", ["role": "rowgroup"],
            [
                .element(
                    "tr", ["role": "row"],
                    heads.map { .element("th", ["role": "columnheader", "scope": "col"], $0) })
            ])
        return .element(
            "table", ["class": "grid", "role": "table", "aria-label": "Deployments"],
            [head, .element("tbody", ["role": "rowgroup"], shown.map(row))])
    }

    private func row(_ row: DeploymentRow) -> HTML {
        let name = HTML.element("a", ["href": PageParts.path(of: row.name)], row.name)
        var cells = [
            cell("name", "", name),
            cell("commit", "Live", row.active.map(PageParts.source) ?? .element("span", ["class": "dim"], "nothing")),
            cell("since", "Since", parts.age(row.active?.liveSince ?? row.active?.createdAt)),
            cell("health", "Last rollout", Self.health(of: row)),
            cell("drift", "Findings", Self.findings(of: row)),
            cell("verdicts", "Last 20", Sparkline(verdicts: row.verdicts ?? []).markup),
        ]
        if !isReadOnly {
            let label = "Roll back \(row.name)"
            let link = HTML.element(
                "a", ["class": "quiet button", "href": PageParts.path(of: row.name, "/rollback"), "aria-label": label],
                "Roll back")
            cells.append(cell("action", "", row.active == nil ? nil : link))
        }
        return .element("tr", ["role": "row", "class": row.needsAttention ? "attention" : ""], cells)
    }

    private func cell(_ kind: String, _ label: String, _ content: HTML?) -> HTML {
        // The label is what the head of the column says, for the narrow form of the table.
        let small: [HTML] = label.isEmpty ? [] : [.element("span", ["class": "head", "aria-hidden": "true"], label)]
        let empty = content == nil ? " none" : ""
        return .element("td", ["class": kind + empty, "role": "cell"], small + [content].compactMap(\.self))
    }

    static func health(of row: DeploymentRow) -> HTML {
        switch row.health {
        case .live where row.isRolledBack: PageParts.badge("back", "rolled back")
        case .live: PageParts.badge("success", "deployed")
        case .underWay:
            PageParts.badge("running", row.underWay?.first?.status.map { RevisionStatusWord($0).text } ?? "in progress")
        case .failed:
            PageParts.badge("failure", row.latest?.status.map { RevisionStatusWord($0).text } ?? "failed")
        case .never: PageParts.badge("skip", "never live")
        }
    }

    static func findings(of row: DeploymentRow) -> HTML? {
        let tags =
            row.drift.map { HTML.element("span", ["class": "tag warn"], word(for: $0, row)) }
            + row.remarks.map { HTML.element("span", ["class": "tag"], word(for: $0, row)) }
        return tags.isEmpty ? nil : .joined(tags, separator: " ")
    }

    private static func word(for finding: String, _ row: DeploymentRow) -> String {
        switch finding {
        case "behind": (row.behind.map { "\($0) behind" } ?? "behind") + (row.branch.map { " \($0)" } ?? "")
        case "not-on-a-branch": "not on a branch"
        case "build-on-push": "builds on push"
        case "commit-unknown": "commit unknown"
        default: finding
        }
    }
}
