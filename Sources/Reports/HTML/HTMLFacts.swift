import ControlPlaneTypes
import Engine
import WorkflowModel

/// The facts of one deployment: what is live, what this run deployed, what it rolled back to.
struct HTMLFacts {
    let rollout: RolloutSummary
    let liveLabel: String

    /// The facts of all deployments of a run; where there are several, each with its name and result.
    static func markup(of summary: RunSummary) -> HTML? {
        guard summary.hasSeveralRollouts else {
            return HTMLFacts(rollout: summary.main, liveLabel: summary.liveLabel).markup
        }
        return .joined(
            summary.rollouts.map { rollout in
                let outcome = rollout.outcome
                let title = HTML.element(
                    "h3", ["class": outcome?.rawValue ?? "running"],
                    [
                        .text(rollout.deployment?.name ?? ""), .text(" "),
                        .element("span", ["class": "badge"], outcome.word),
                    ])
                return .element(
                    "section", ["class": "rollout"],
                    [title, HTMLFacts(rollout: rollout, liveLabel: summary.liveLabel).markup].compactMap(\.self))
            })
    }

    private var markup: HTML? {
        let cards = [live, deployed, rollback, commit].compactMap(\.self)
        return cards.isEmpty ? nil : .element("section", ["class": "facts"], cards)
    }

    private var live: HTML? {
        guard let deployment = rollout.deployment else { return nil }
        var lines: [HTML] = []
        if let id = rollout.liveRevisionID {
            lines.append(revision(id))
            if let sha = rollout.liveCommitSHA { lines.append(.joined([.text("commit "), commit(sha)])) }
        } else {
            lines.append(.text(rollout.withoutLiveRevision))
        }
        if let url = deployment.url { lines.append(.link(url)) }
        let name = WebLink(deployment.dashboardURL).map { HTML.link($0, "\(deployment.name) in the dashboard") }
        lines.append(name ?? .text("deployment \(deployment.name)"))
        return card(liveLabel.prefix(1).uppercased() + liveLabel.dropFirst(), lines, kind: "live")
    }

    private var deployed: HTML? {
        guard let revision = rollout.revision, revision.id != rollout.liveRevisionID else { return nil }
        let status = revision.status.map { [HTML.element("strong", [:], $0.rawValue)] } ?? []
        let kind = revision.phases.compactMap(\.result).contains(.failure) ? "failure" : ""
        return card("This run deployed", [self.revision(revision.id)] + status, kind: kind)
    }

    private var rollback: HTML? {
        guard let rollback = rollout.rollback else { return nil }
        guard rollback.attempted else {
            return card("Rollback", [.text("none: \(rollback.reason ?? "not requested")")])
        }
        var lines: [HTML] = []
        if let from = rollout.revision?.id { lines.append(.joined([.text("from "), revision(from)])) }
        if let to = rollback.toRevisionID { lines.append(.joined([.text("to "), revision(to)])) }
        if let made = rollback.revisionID { lines.append(.joined([.text("redeployed as "), revision(made)])) }
        if let (from, to) = rollout.commitChange { lines.append(.text("from commit \(from) to \(to)")) }
        if let reason = rollback.reason { lines.append(.text("reason: \(reason)")) }
        let word = rollback.result.map { $0 == .success ? "succeeded" : "ended in \($0.rawValue)" } ?? "did not finish"
        return card("Rollback \(word)", lines, kind: rollback.result?.rawValue ?? "running")
    }

    private var commit: HTML? {
        guard let read = rollout.commit else { return nil }
        var lines = [commit(read.sha)]
        if let subject = read.subject { lines.append(.text(subject)) }
        if let name = read.tag ?? read.branch ?? read.ref { lines.append(.text("on \(name)")) }
        if read.dirty == true { lines.append(.element("strong", [:], "the working tree was dirty")) }
        return card("Commit", lines)
    }

    /// Abbreviated; the whole id stands with the revision's statuses.
    private func revision(_ id: String) -> HTML {
        let isLong = id.count > 12
        let short = HTML.element("code", ["title": isLong ? id : ""], isLong ? String(id.prefix(8)) + "…" : id)
        return .joined([.text("revision "), short])
    }

    private func commit(_ sha: String) -> HTML {
        let short = String(sha.prefix(12))
        let link = WebLink(commit: sha, of: rollout.commit?.remoteURL)
        return .element("code", [:], [link.map { .link($0, short) } ?? .text(short)])
    }

    private func card(_ title: String, _ lines: [HTML], kind: String = "") -> HTML {
        .element(
            "div", ["class": kind.isEmpty ? "card" : "card \(kind)"],
            [.element("h3", [:], title)] + lines.map { .element("p", [:], [$0]) })
    }
}
