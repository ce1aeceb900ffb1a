import FoundationEssentials
package import Git
import Subprocess

/// A git repository in a temporary folder, made with the real `git` and removed with the last reference to it.
///
/// Identity and dates are fixed, so the same steps give the same commit ids; the configuration of the machine and
/// of the user is not read.
package actor GitFixture {
    /// The work tree, or the git directory of a bare repository.
    package nonisolated let path: String
    /// The temporary folder around it, where clones go.
    package nonisolated let folder: String
    private let owner: GitFixture?
    private var commitCount = 0

    /// An empty repository on branch `main`.
    package init(options: [String] = []) async throws {
        folder = try Self.makeFolder()
        path = "\(folder)/repository"
        owner = nil
        try await Self.run(["init", "--quiet", "--initial-branch=main"] + options + [path], in: folder)
    }

    /// Something that `git` made inside the folder of another fixture, which lives as long as this one.
    private init(path: String, inside owner: GitFixture) {
        self.path = path
        folder = owner.folder
        self.owner = owner
    }

    deinit {
        guard owner == nil else { return }
        // Nothing depends on a left-over temporary folder.
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Runs `git` in the work tree and returns what it printed, without the last line break. Throws for a failure.
    @discardableResult
    package func git(_ arguments: String...) async throws -> String {
        try await Self.run(arguments, in: path, date: date)
    }

    /// Commits everything that lies in the work tree.
    @discardableResult
    package func commit(_ message: String = "Change something") async throws -> CommitID {
        try await git("add", "--all")
        return try await commitStaged(message)
    }

    /// Commits what is in the index.
    @discardableResult
    package func commitStaged(_ message: String = "Change something") async throws -> CommitID {
        commitCount += 1
        try await git("commit", "--quiet", "--allow-empty", "--message", message)
        return try await id(of: "HEAD")
    }

    package func id(of revision: String) async throws -> CommitID {
        let text = try await git("rev-parse", "--verify", "\(revision)^{commit}")
        guard let id = CommitID(text) else { throw GitFixtureError("rev-parse \(revision) gave \(text)") }
        return id
    }

    /// Clones this repository next to it.
    package func clone(named name: String = "clone", options: [String] = []) async throws -> GitFixture {
        let target = "\(folder)/\(name)"
        // A plain path would make git ignore --depth and --filter.
        try await Self.run(["clone", "--quiet"] + options + ["file://\(path)", target], in: folder)
        return GitFixture(path: target, inside: self)
    }

    /// A linked worktree, submodule or copy that `git` has put into this fixture's folder.
    package func fixture(at path: String) -> GitFixture {
        GitFixture(path: path, inside: self)
    }

    private var date: String { "\(1_700_000_000 + 60 * commitCount) +0000" }
}
