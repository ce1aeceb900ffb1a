import ControlPlaneTypes
import Engine
import FoundationEssentials
import Git
import Glibc
import History
import Redaction
import Reports
import Steps

/// Shows what a rollback changes and asks for confirmation.
struct RollbackPrompt: Sendable {
    /// What the user saw and confirmed.
    struct Selection: Sendable {
        var to: String?
        var active: String?
    }

    static let shown = 10
    /// After the answer no, of every question.
    static let declined = "cancelled by the user, nothing was changed\n"

    let candidates: RollbackCandidates
    let now: Date
    /// The uploads of this machine, for sources whose commit the control plane does not know.
    var uploads: UploadIndex.Entries = [:]
    var changes = RecordedChanges.none

    /// Asks a question on a terminal; nil at the end of the input.
    @Sendable static func answer(_ question: String) -> String? {
        StandardError.write(question)
        return readLine()
    }

    static func canAsk(_ environment: [String: String]) -> Bool {
        isatty(0) == 1 && isatty(2) == 1 && !environment.isUnattended
    }

    /// Nil when the answer is no.
    func ask(to named: String?) async throws -> Selection? {
        let target = try candidates.target(named)
        StandardError.write(await overview(target))
        let answer = Self.answer("Roll back to revision \(target.id)? [y/N] ")?.lowercased()
        guard answer == "y" || answer == "yes" else {
            StandardError.write(Self.declined)
            return nil
        }
        return Selection(
            to: target.id.rawValue, active: candidates.snapshot.deployment.activeRevisionID?.rawValue)
    }

    func overview(_ target: Revision) async -> String {
        let snapshot = candidates.snapshot
        let listed = listed(with: target)
        let shown: [Revision] = [snapshot.active].compactMap(\.self) + candidates.underWay + listed
        let commits: [String?] = shown.map(commit)
        let text = await RevisionText.reading(commits, now: now)
        var lines = ["Deployment \(snapshot.deployment.name)"]
        if let active = snapshot.active { lines.append("  live         \(describe(active, text))") }
        let recorded = RecordedChangeText(revisionText: text)
        lines += recorded.lines(ofLive: self.changes).map { "  " + ConsoleSummary.column($0) + $1 }
        lines += recorded.runs(in: self.changes).map { "  " + ConsoleSummary.column("running") + $0 }
        for revision in candidates.underWay { lines.append("  in progress  \(describe(revision, text))") }
        for revision in listed {
            let label = revision.id == target.id ? "target     " : "           "
            lines.append("  \(label)  \(describe(revision, text))")
        }
        let changes = await RevisionText.changes(from: commit(snapshot.active), to: commit(target)) ?? []
        lines += changes.enumerated().map { "  \($0 == 0 ? "changes    " : "           ")  \($1)" }
        return lines.map(TextSanitizer(escapesCICommands: false).line).joined(separator: "\n") + "\n"
    }

    /// The newest ones that were deployed or failed, and the target wherever it stands.
    func listed(with target: Revision) -> [Revision] {
        let ended = candidates.snapshot.revisions.filter {
            ($0.status == .deployed || $0.status.isFailure) && $0.id != candidates.snapshot.active?.id
        }
        let newest = Array(ended.prefix(Self.shown))
        return newest.contains { $0.id == target.id } ? newest : newest.dropLast() + [target]
    }

    /// Why a rollback does not choose a revision by itself; nil when it may.
    func mark(of revision: Revision) -> String? {
        revision.status.isFailure ? "never live" : candidates.whyNotChosen(revision)
    }

    private func cause(of revision: Revision, _ text: RevisionText) -> String {
        RecordedChangeText(revisionText: text).whyRolledBack(revision.id.rawValue, in: changes).map { ": \($0)" } ?? ""
    }

    private func commit(_ revision: Revision?) -> String? { revision?.builtCommit(uploads: uploads) }

    private func describe(_ revision: Revision, _ text: RevisionText) -> String {
        let isLive = revision.id == candidates.snapshot.active?.id
        return [
            revision.id.short, commit(revision).map { String($0.prefix(12)) } ?? "commit unknown",
            text.age(of: isLive ? changes.liveSince(revision) : revision.createdAt),
            revision.status == .deployed ? nil : revision.status.rawValue, text.subject(of: commit(revision)),
            text.rollback(revision, in: candidates.snapshot),
            isLive ? nil : mark(of: revision).map { "(\($0)\(cause(of: revision, text)))" },
        ].compactMap(\.self).joined(separator: "  ")
    }
}
