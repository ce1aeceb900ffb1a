import Clocks
import ControlPlaneTypes
import FoundationEssentials
import Git
import Steps

#if canImport(Glibc)
    import Glibc
#endif

/// Shows what a rollback would change, and asks.
struct RollbackPrompt: Sendable {
    /// What the person saw and agreed to.
    struct Agreement: Sendable {
        var to: String?
        var active: String?
    }

    static let shown = 10

    let candidates: RollbackCandidates
    let now: Date

    static func canAsk(_ environment: [String: String]) -> Bool {
        isatty(0) == 1 && isatty(2) == 1 && environment["CI"] != "true"
    }

    /// Nil when the answer is no.
    func ask(to named: String?) async throws -> Agreement? {
        let target = try candidates.target(named)
        StandardError.write(await overview(target))
        StandardError.write("Roll back to revision \(target.id)? [y/N] ")
        let answer = readLine()?.lowercased()
        guard answer == "y" || answer == "yes" else {
            StandardError.write("Nothing was changed.\n")
            return nil
        }
        return Agreement(
            to: target.id.rawValue, active: candidates.snapshot.deployment.activeRevisionID?.rawValue)
    }

    private func overview(_ target: Revision) async -> String {
        let deployment = candidates.snapshot.deployment
        var lines = ["Deployment \(deployment.name)"]
        if let active = candidates.snapshot.active { lines.append("  live now  \(await describe(active))") }
        for revision in candidates.underWay { lines.append("  under way \(await describe(revision))") }
        for revision in candidates.revisions.prefix(Self.shown) {
            let mark = revision.id == target.id ? "=>" : "  "
            lines.append("  \(mark)        \(await describe(revision))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func describe(_ revision: Revision) async -> String {
        let age = revision.createdAt?.date.map { now.timeIntervalSince($0) }.map { max($0, 0) }
        let commit = revision.commitSHA
        let subject = await subject(of: commit)
        return [
            String(revision.id.rawValue.prefix(8)), commit.map { String($0.prefix(12)) } ?? "commit unknown",
            age.map { Duration.seconds($0).brief + " ago" },
            revision.status == .deployed ? nil : revision.status.rawValue,
            subject,
        ].compactMap(\.self).joined(separator: "  ")
    }

    /// Known only where a clone is at hand; a rollback by hand needs none.
    private func subject(of commit: String?) async -> String? {
        guard let commit, let id = CommitID(commit),
            let repository = try? await Repository.open(containing: FileManager.default.currentDirectoryPath)
        else { return nil }
        return try? await repository.commit(id).subject
    }
}
