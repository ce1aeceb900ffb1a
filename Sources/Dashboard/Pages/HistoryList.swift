import Engine
import Foundation
import Reports

/// What was live when, newest first, with who and why.
struct HistoryList: Sendable {
    let rows: [HistoryRow]
    let deployment: DeploymentRow
    /// The runs whose timelines can be shown.
    let runs: Set<String>
    let parts: PageParts
    let isReadOnly: Bool

    var markup: HTML {
        guard !rows.isEmpty else { return .element("p", ["class": "empty"], "No changes yet.") }
        return .element("ol", ["class": "history"], rows.map(entry))
    }

    private func entry(_ row: HistoryRow) -> HTML {
        let lines = [title(row), period(row), source(row), reason(row), cause(row), who(row)].compactMap(\.self)
        return .element("li", ["class": Self.kind(row) + (row.live ? " live" : "")], lines + [actions(row)])
    }

    private func title(_ row: HistoryRow) -> HTML {
        var parts: [HTML] = [PageParts.badge(Self.kind(row), Self.words(row))]
        if row.live { parts.append(.element("span", ["class": "tag good"], "live")) }
        if let id = row.revision?.id {
            parts.append(.element("code", ["class": "dim", "title": id], String(id.prefix(8))))
        }
        return .element("p", ["class": "what"], [.joined(parts, separator: " ")])
    }

    private static func kind(_ row: HistoryRow) -> String {
        switch row.change {
        case "deployed": "success"
        case "rolled_back": "back"
        case "failed": "failure"
        case "pending": "running"
        default: "skip"
        }
    }

    private static func words(_ row: HistoryRow) -> String {
        switch row.change {
        case "deployed": return "deployed"
        case "rolled_back":
            let ends = [("from", row.rollback?.fromRevisionId), ("to", row.rollback?.toRevisionId)]
            return (["rolled back"] + ends.compactMap { word, id in id.map { "\(word) \($0.prefix(8))" } })
                .joined(separator: " ")
        case "failed": return (row.revision?.status.map { RevisionStatusWord($0).text } ?? "failed") + ", never live"
        case "pending": return row.revision?.status.map { RevisionStatusWord($0).text } ?? "in progress"
        case "interrupted": return "interrupted by hand"
        case "deleted": return "deployment deleted"
        default: return "requested, outcome unknown"
        }
    }

    private func period(_ row: HistoryRow) -> HTML? {
        guard let from = parts.moment(row.liveFrom) else {
            return parts.moment(row.createdAt).map { .element("p", ["class": "dim"], [$0]) }
        }
        if row.live {
            let age = parts.age(row.liveFrom).map { [HTML.text(" ("), $0, .text(")")] } ?? []
            return .element("p", ["class": "dim"], [.text("live since "), from] + age)
        }
        let end = parts.moment(row.liveTo, after: row.liveFrom).map { [HTML.text(" to "), $0] } ?? []
        return .element("p", ["class": "dim"], [.text("live "), from] + end)
    }

    private func source(_ row: HistoryRow) -> HTML? {
        guard row.commit != nil || row.image != nil else { return nil }
        let source = PageParts.commit(
            sha: row.commit?.sha, image: row.image, subject: row.commit?.subject, author: row.commit?.author)
        let (before, after) = (row.record?.before?.commitSha, row.record?.after?.commitSha)
        guard let before, let after, before != after else { return .element("p", [:], [source]) }
        let range = HTML.element(
            "code", ["class": "dim", "title": "The commits between what was live before and after"],
            "\(before.prefix(12))..\(after.prefix(12))")
        return .element("p", [:], [source, .text(" "), range])
    }

    private func reason(_ row: HistoryRow) -> HTML? {
        row.record?.reason.map { .element("p", ["class": "reason"], [.element("q", [:], $0)]) }
    }

    private func cause(_ row: HistoryRow) -> HTML? {
        guard let record = row.record else { return nil }
        guard let verdict = record.verdict else { return .element("p", [:], Self.unfinished(row.runState)) }
        guard verdict != "success" else { return nil }
        let words = Verdict(rawValue: verdict)?.words ?? verdict
        return .element("p", [:], record.cause?.message.map { "\(words): \($0)" } ?? words)
    }

    private static func unfinished(_ state: String?) -> String {
        let text = (state.flatMap { RunProgress(rawValue: $0) } ?? .unfinished).text ?? ""
        return text.prefix(1).uppercased() + text.dropFirst() + "."
    }

    private func who(_ row: HistoryRow) -> HTML {
        guard let record = row.record else {
            return .element("p", ["class": "dim"], "no record: only the control plane knows of it")
        }
        let name = record.actor?.ciActor ?? record.actor?.user ?? "an unknown user"
        let place = record.actor?.ci ?? record.actor?.host
        let environment = record.actor?.environment.map { ", environment \($0)" } ?? ""
        return .element("p", ["class": "dim"], "by \(name)" + (place.map { " on \($0)" } ?? "") + environment)
    }

    private func actions(_ row: HistoryRow) -> HTML {
        var links: [HTML] = []
        if let run = row.record?.runId, runs.contains(run) {
            links.append(.element("a", ["href": "/runs/\(run)"], "Timeline of the run"))
        }
        if let address = row.record?.actor?.runUrl, address.hasPrefix("http") {
            links.append(.joined([.text("CI: "), .link(address)]))
        }
        if let id = row.revision?.id {
            links.append(
                .element(
                    "a", ["href": PageParts.path(of: deployment.name, "?revision=" + PageParts.encoded(id) + "#log")],
                    [.text("Log"), .element("span", ["class": "hidden"], " of revision \(id.prefix(8))")]))
        }
        if !isReadOnly, row.canBeBroughtBack, let id = row.revision?.id {
            let path = PageParts.path(of: deployment.name, "/rollback?to=" + PageParts.encoded(id))
            links.append(
                .element(
                    "a", ["href": path],
                    [.text("Roll back to this"), .element("span", ["class": "hidden"], " revision \(id.prefix(8))")]))
        }
        return .element("p", ["class": "links"], links)
    }
}
