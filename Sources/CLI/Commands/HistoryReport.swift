import Clocks
import ControlPlaneTypes
import Engine
import FoundationEssentials
import Git
import History
import Redaction
import Reports

/// The changes of deployments as text or JSON.
struct HistoryReport: Sendable {
    let changes: [HistoryReader.Change]
    let revisionText: RevisionText
    /// Whether several deployments are shown.
    let showsName: Bool
    let style: Style
    /// Columns of the terminal; nil when nothing needs to be cut.
    let width: Int?
    let clean: TextSanitizer

    private static let indent = String(repeating: " ", count: 10)

    var text: String {
        guard !changes.isEmpty else { return "no changes\n" }
        return changes.map { lines(of: $0).joined(separator: "\n") + "\n" }.joined()
    }

    private func lines(of change: HistoryReader.Change) -> [String] {
        let entry = change.entry
        let name = showsName ? change.deployment.name + "  " : ""
        let id = clean.line(entry.revisionID.map { String($0.prefix(8)) } ?? "-")
        let head = id + String(repeating: " ", count: max(Self.indent.count - id.columns, 1))
        let first = fitted(clean.line(name + head + what(entry)))
        let details = [period(entry), source(entry), cause(entry), reason(entry), actor(entry)].compactMap(\.self)
        // A link that is cut leads nowhere.
        let link = entry.record?.actor?.runURL.map { Self.indent + clean.line($0) }
        return [entry.isLive ? style.paint(first, .bold) : first]
            + details.map { fitted(Self.indent + clean.line($0)) } + [link].compactMap(\.self)
    }

    private func fitted(_ line: String) -> String {
        width.map { line.cut(toColumns: $0, ellipsis: style.ellipsis) } ?? line
    }

    private func what(_ entry: HistoryEntry) -> String {
        switch entry.kind {
        case .deployed: return "deployed"
        case .pending: return "in progress (\(entry.status ?? "unknown"))"
        case .failed: return "\(entry.status ?? "failed"), never live"
        case .rolledBack(let from, let to):
            let parts = ["rolled back", from.map { "from \($0.prefix(8))" }, to.map { "to \($0.prefix(8))" }]
            return parts.compactMap(\.self).joined(separator: " ")
        case .interrupted: return "interrupted by hand"
        case .deleted: return "deployment deleted"
        case .unknown where state(entry) == .running: return "in progress, no revision yet"
        case .unknown: return "a change was requested, its outcome is unknown"
        }
    }

    private func state(_ entry: HistoryEntry) -> RunProgress? { entry.record?.progress(now: revisionText.now) }

    private func period(_ entry: HistoryEntry) -> String? {
        guard let live = entry.live else { return entry.createdAt.map(RevisionText.utc) }
        let start = RevisionText.utc(live.from)
        if entry.isLive {
            let age = Duration.seconds(max(revisionText.now.timeIntervalSince(live.from), 0)).brief
            return "live since \(start) (\(age))"
        }
        guard let end = live.to.map(RevisionText.utc) else { return "live from \(start)" }
        // Of the same day the time alone.
        let isSameDay = start.prefix(Self.day) == end.prefix(Self.day)
        return "live \(start.dropLast(4)) to \(isSameDay ? String(end.dropFirst(Self.day + 1)) : end)"
    }

    /// The length of `2026-03-01`.
    private static let day = 10

    private func source(_ entry: HistoryEntry) -> String? {
        if let commit = entry.commitSHA {
            return ["commit \(commit.prefix(12))", revisionText.subject(of: commit)].compactMap(\.self)
                .joined(separator: " ")
        }
        return (entry.image ?? entry.record?.after?.image).map { "image \($0)" }
    }

    /// Why the run failed; of the rollback that followed, why it was needed.
    private func cause(_ entry: HistoryEntry) -> String? {
        guard let record = entry.record else { return nil }
        guard let verdict = record.verdict else { return record.progress(now: revisionText.now).text }
        guard verdict != Verdict.success.rawValue else { return nil }
        var message = record.cause?.message ?? Verdict(rawValue: verdict)?.meaning ?? "unknown reason"
        for revision in record.revisions ?? [] where !revision.id.isEmpty {
            message = message.replacing(revision.id, with: revision.id.prefix(8))
        }
        if case .rolledBack = entry.kind, record.kind == .deploy { return "because \(message)" }
        return "\(Verdict(rawValue: verdict)?.words ?? verdict): \(message)"
    }

    private func reason(_ entry: HistoryEntry) -> String? { entry.record?.reason.map { "reason: \($0)" } }

    private func actor(_ entry: HistoryEntry) -> String {
        guard let record = entry.record else { return "no record: only the control plane knows of it" }
        guard let actor = record.actor else { return "by an unknown user, run \(record.runID)" }
        return "by \(actor.text), run \(record.runID)"
    }
}

extension HistoryReport {
    private struct Document: Encodable {
        let schemaVersion = 1
        let entries: [Entry]

        private enum CodingKeys: String, CodingKey {
            case entries
            case schemaVersion = "schema_version"
        }
    }

    /// Every key is present; what is not known is `null`.
    private struct Entry: Encodable {
        struct Deployment: Encodable {
            let id: String
            let name: String
        }

        struct Revision: Encodable {
            let id: String
            @Nullable var status: String?
            /// Whether the control plane still has it.
            let listed: Bool
        }

        struct Commit: Encodable {
            let sha: String
            @Nullable var subject: String?
            @Nullable var author: String?
        }

        struct Rollback: Encodable {
            @Nullable var fromRevisionID: String?
            @Nullable var toRevisionID: String?

            private enum CodingKeys: String, CodingKey {
                case fromRevisionID = "from_revision_id"
                case toRevisionID = "to_revision_id"
            }
        }

        let deployment: Deployment
        let change: String
        let live: Bool
        @Nullable var liveFrom: String?
        @Nullable var liveTo: String?
        @Nullable var createdAt: String?
        @Nullable var revision: Revision?
        @Nullable var commit: Commit?
        @Nullable var image: String?
        @Nullable var rollback: Rollback?
        @Nullable var runState: String?
        @Nullable var record: ChangeRecord?

        init(_ change: HistoryReader.Change, _ text: RevisionText) {
            let entry = change.entry
            deployment = Deployment(id: change.deployment.id, name: change.deployment.name)
            live = entry.isLive
            liveFrom = entry.live.map { EventTimestamp.text(from: $0.from) }
            liveTo = entry.live?.to.map(EventTimestamp.text)
            createdAt = entry.createdAt.map(EventTimestamp.text)
            revision = entry.revisionID.map { Revision(id: $0, status: entry.status, listed: entry.isListed) }
            commit = entry.commitSHA.map { sha in
                let known = text.commits[sha]
                return Commit(sha: sha, subject: known?.subject, author: known?.authorName)
            }
            image = entry.image ?? entry.record?.after?.image
            record = entry.record
            runState = entry.record?.progress(now: text.now).rawValue
            switch entry.kind {
            case .deployed: self.change = "deployed"
            case .pending: self.change = "pending"
            case .failed: self.change = "failed"
            case .interrupted: self.change = "interrupted"
            case .deleted: self.change = "deleted"
            case .unknown: self.change = "unknown"
            case .rolledBack(let from, let to):
                self.change = "rolled_back"
                rollback = Rollback(fromRevisionID: from, toRevisionID: to)
            }
        }

        private enum CodingKeys: String, CodingKey {
            case deployment, change, live, revision, commit, image, rollback, record
            case liveFrom = "live_from"
            case liveTo = "live_to"
            case createdAt = "created_at"
            case runState = "run_state"
        }
    }

    func json() throws -> String {
        try StableJSON.pretty(Document(entries: changes.map { Entry($0, revisionText) }))
    }
}
