import Engine
import WorkflowModel

/// What serves now, what this run deployed, what it went back to.
struct HTMLFacts {
    let summary: RunSummary

    var markup: HTML? {
        let cards = [serves, deployed, rollback, commit].compactMap(\.self)
        return cards.isEmpty ? nil : .element("section", ["class": "facts"], cards)
    }

    private var serves: HTML? {
        guard let deployment = summary.deployment else { return nil }
        var lines: [HTML] = []
        if let id = summary.liveRevisionID {
            lines.append(revision(id))
            if let sha = summary.liveCommitSHA { lines.append(.joined([.text("commit "), commit(sha)])) }
        } else {
            lines.append(.text("nothing is known to serve"))
        }
        if let url = deployment.url { lines.append(.link(url)) }
        let name = WebLink(deployment.dashboardURL).map { HTML.link($0, "\(deployment.name) in the dashboard") }
        lines.append(name ?? .text("deployment \(deployment.name)"))
        return card("Serves now", lines, kind: "live")
    }

    private var deployed: HTML? {
        guard let revision = summary.revision, revision.id != summary.liveRevisionID else { return nil }
        let status = revision.status.map { [HTML.element("strong", [:], $0)] } ?? []
        let kind = revision.phases.compactMap(\.result).contains(.failure) ? "failure" : ""
        return card("This run deployed", [self.revision(revision.id)] + status, kind: kind)
    }

    private var rollback: HTML? {
        guard let rollback = summary.rollback else { return nil }
        guard rollback.attempted else {
            return card("Rollback", [.text("none: \(rollback.reason ?? "it was not asked for")")])
        }
        var lines: [HTML] = []
        if let from = summary.revision?.id { lines.append(.joined([.text("away from "), revision(from)])) }
        if let to = rollback.toRevisionID { lines.append(.joined([.text("back to "), revision(to)])) }
        if let made = rollback.revisionID { lines.append(.joined([.text("deployed again as "), revision(made)])) }
        let word = rollback.result.map { $0 == .success ? "succeeded" : "ended in \($0.rawValue)" } ?? "did not end"
        return card("Rollback \(word)", lines, kind: rollback.result?.rawValue ?? "running")
    }

    private var commit: HTML? {
        guard let read = summary.commit else { return nil }
        var lines = [commit(read.sha)]
        if let subject = read.subject { lines.append(.text(subject)) }
        if let name = read.tag ?? read.branch ?? read.ref { lines.append(.text("on \(name)")) }
        if read.dirty == true { lines.append(.element("strong", [:], "the work tree had changes")) }
        return card("Commit", lines)
    }

    /// Short, as people say it; the whole one stands with the statuses.
    private func revision(_ id: String) -> HTML {
        let isLong = id.count > 12
        let short = HTML.element("code", ["title": isLong ? id : ""], isLong ? String(id.prefix(8)) + "…" : id)
        return .joined([.text("revision "), short])
    }

    private func commit(_ sha: String) -> HTML {
        let short = String(sha.prefix(12))
        let link = WebLink(commit: sha, of: summary.commit?.remoteURL)
        return .element("code", [:], [link.map { .link($0, short) } ?? .text(short)])
    }

    private func card(_ title: String, _ lines: [HTML], kind: String = "") -> HTML {
        .element(
            "div", ["class": kind.isEmpty ? "card" : "card \(kind)"],
            [.element("h3", [:], title)] + lines.map { .element("p", [:], [$0]) })
    }
}
