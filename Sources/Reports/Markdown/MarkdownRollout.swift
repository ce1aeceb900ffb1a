import Engine

/// One deployment of a Markdown summary.
struct MarkdownRollout {
    private let rollout: RolloutSummary

    init(_ rollout: RolloutSummary) { self.rollout = rollout }

    /// Rows of what there is to know of it, by their labels.
    var facts: [(String, String)] {
        let revision = newRevision.map { ("new revision", $0) }
        let deployment = rollout.deployment.map { _ in ("deployment", name) }
        return [serves, revision, rollback.map { ("rollback", $0) }, commit.map { ("commit", $0) }, deployment]
            .compactMap(\.self)
    }

    /// A row of the table of all deployments.
    func row(_ outcome: Outcome?) -> String {
        let serves = [servingRevision ?? "nothing is known to serve", servingURL].compactMap(\.self)
        let columns = [
            name, "\(outcome.symbol) \(outcome.word)", serves.joined(separator: ", "), commit ?? "", rollback ?? "",
        ]
        return "| \(columns.joined(separator: " | ")) |\n"
    }

    private var serves: (String, String)? {
        guard rollout.deployment != nil else { return nil }
        guard let servingRevision else { return ("serves now", "nothing is known to serve") }
        return ("**serves now**", [servingRevision, servingURL].compactMap(\.self).joined(separator: ", "))
    }

    private var servingRevision: String? {
        rollout.liveRevisionID.map { id in
            "revision \(MarkdownText.code(id))" + (rollout.liveCommitSHA.map { ", commit \(link($0))" } ?? "")
        }
    }

    private var servingURL: String? {
        rollout.deployment?.url.map { MarkdownText.link(MarkdownText.escape($0), WebLink($0)) }
    }

    private var newRevision: String? {
        guard let revision = rollout.revision, revision.id != rollout.liveRevisionID else { return nil }
        let status = revision.status.map { ", \(MarkdownText.escape($0))" } ?? ""
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
        return "\(rollback.result.symbol) \(rollback.result.word)\(target)\(made)\(reason)"
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
