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

    /// The subject and the author.
    func subject(of commit: String?) -> String? {
        commit.flatMap { commits[$0] }.map { "\"\($0.subject)\" by \($0.authorName)" }
    }

    func rollback(_ revision: Revision, in snapshot: DeploymentSnapshot) -> String? {
        snapshot.rollback(revision).map { "rollback of \($0.undone.short) to \($0.target.short)" }
    }

    /// `36s ago (2026-03-01 12:03 UTC)`.
    func age(of time: Timestamp?) -> String? {
        time?.date.map { date in
            "\(Duration.seconds(max(now.timeIntervalSince(date), 0)).brief) ago (\(Self.utc(date)))"
        }
    }

    private static func utc(_ date: Date) -> String {
        String(EventTimestamp.text(from: date).prefix(16)).replacing("T", with: " ") + " UTC"
    }
}

extension RevisionID {
    var short: String { String(rawValue.prefix(8)) }
}
