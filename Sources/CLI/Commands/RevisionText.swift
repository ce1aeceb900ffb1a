import Clocks
import ControlPlaneTypes
import Engine
import FoundationEssentials
import Git
import Steps

/// Describes revisions for people: what was built, when, and what it undid.
struct RevisionText: Sendable {
    let now: Date
    /// Of the commits that the repository of the working directory has, by their IDs.
    var commits: [String: Commit] = [:]

    /// The commits are known only inside a clone of the repository, which the command does not need.
    static func reading(_ commits: [String?], now: Date) async -> RevisionText {
        var text = RevisionText(now: now)
        let wanted = Set(commits.compactMap(\.self))
        guard !wanted.isEmpty,
            let repository = try? await Repository.open(containing: FileManager.default.currentDirectoryPath)
        else { return text }
        for id in wanted.compactMap(CommitID.init) {
            text.commits[id.description] = try? await repository.commit(id)
        }
        return text
    }

    /// The commits that a rollback takes away, the first ones with their subjects, and those that it brings back; nil
    /// where the folder is not a clone that has them.
    static func changes(
        from live: String?, to target: String?, in folder: String = FileManager.default.currentDirectoryPath
    ) async -> [String]? {
        guard let live = live.flatMap({ CommitID($0) }), let target = target.flatMap({ CommitID($0) }), live != target,
            let repository = try? await Repository.open(containing: folder),
            let gone = try? await repository.commits(from: target, to: live),
            let back = try? await repository.commits(from: live, to: target)
        else { return nil }
        var lines = [
            ("removes", gone, "\(target.abbreviated)..\(live.abbreviated)"),
            ("adds", back, "\(live.abbreviated)..\(target.abbreviated)"),
        ].filter { !$0.1.isEmpty }.map { label, commits, range in
            "\(label) \(commits.count) commit\(commits.count == 1 ? "" : "s") (\(range))"
        }
        for id in gone.prefix(shownCommits) {
            guard let commit = try? await repository.commit(id) else { continue }
            lines.append("  \(id.abbreviated) \"\(commit.subject)\" by \(commit.authorName)")
        }
        return lines
    }

    private static let shownCommits = 5

    /// The subject and the author.
    func subject(of commit: String?) -> String? {
        commit.flatMap { commits[$0] }.map { "\"\($0.subject)\" by \($0.authorName)" }
    }

    func rollback(_ revision: Revision, in snapshot: DeploymentSnapshot) -> String? {
        if let found = snapshot.rollback(revision) {
            return "rollback of \(found.undone.short) to \(found.target.short)"
        }
        return snapshot.restored(revision).map { "back to \($0.target.short) after \($0.failed.short) failed" }
    }

    /// `36s ago (2026-03-01 12:03 UTC)`.
    func age(of time: Timestamp?) -> String? { time?.date.map(age) }

    func age(of date: Date) -> String {
        "\(Duration.seconds(max(now.timeIntervalSince(date), 0)).brief) ago (\(Self.utc(date)))"
    }

    static func utc(_ date: Date) -> String {
        String(EventTimestamp.text(from: date).prefix(16)).replacing("T", with: " ") + " UTC"
    }
}

extension RevisionID {
    var short: String { String(rawValue.prefix(8)) }
}
