import FoundationEssentials

/// This reads a git repository. It never changes it, fetches, or runs a hook.
package struct Repository: Sendable {
    let backend: any GitBackend
    let command: GitCommand

    /// Opens the repository that contains `path`: a working tree, a linked worktree, a submodule or a bare repository.
    /// `GIT_DIR` and `GIT_WORK_TREE` take precedence, as for git.
    ///
    /// - Throws: `GitError`: `notARepository`, `dubiousOwnership`, `unsupportedRepository`.
    package static func open(
        containing path: String, environment: [String: String] = ProcessInfo.processInfo.environment
    ) async throws -> Repository {
        let folder = Folder.absolute(path)
        let command = GitCommand(folder: folder, environment: GitEnvironment(inheriting: environment))
        do {
            let handle = try RepositoryHandle(opening: RepositoryLocation(folder: folder, environment: environment))
            return Repository(backend: LibGit2Backend(openedAs: handle, git: command), command: command)
        } catch  where error.kind == .unsupportedRepository {
            return try await openThroughGit(command, because: error)
        }
    }

    /// Opens formats that libgit2 does not support, such as SHA-256 or a configuration per worktree.
    private static func openThroughGit(_ command: GitCommand, because error: GitError) async throws -> Repository {
        do {
            return Repository(backend: try await GitCommandBackend(opening: command), command: command)
        } catch let other as GitError where other.kind == .gitMissing {
            throw error
        }
    }

    /// The root of the working tree, or the git directory of a bare repository: absolute, no trailing slash.
    package var root: String { backend.layout.root }

    package var isBare: Bool { backend.layout.worktree == nil }

    /// Throws `unbornBranch` before the first commit.
    package func head() async throws -> Head {
        try await backend.head()
    }

    /// Resolves an id (full or abbreviated), a branch, a tag or any other git revision to its commit.
    package func resolve(_ revision: String) async throws -> CommitID {
        try await lookUp(revision).commit
    }

    /// Resolves a revision as `resolve` does, and returns the branch or tag it names. A branch that exists only on
    /// `origin`, as in most CI checkouts, is found by its bare name. Throws `unknownRef`, `ambiguousRef`.
    package func lookUp(_ revision: String) async throws -> ResolvedCommit {
        guard !revision.isEmpty, !revision.hasPrefix("-") else { throw GitError.unknownRef(revision) }
        if let resolved = try await backend.resolve(revision) { return resolved }
        guard let remote = try await backend.resolve("refs/remotes/origin/\(revision)") else {
            throw GitError.unknownRef(revision)
        }
        return ResolvedCommit(text: revision, commit: remote.commit, reference: .branch(revision))
    }

    /// Throws `missingObject` when this clone does not have it.
    package func commit(_ id: CommitID) async throws -> Commit {
        try await backend.commit(id)
    }

    /// Compares index, working tree, untracked files and submodules. Ignored files do not count, nor do files
    /// outside a sparse checkout.
    package func workingTreeStatus() async throws -> WorkingTreeStatus {
        do {
            return try await backend.workingTreeStatus()
        } catch let error as GitError {
            return .unknown(reason: error.message)
        }
    }

    /// `nil` when the remote is not found.
    package func remoteURL(named name: String = "origin") async throws -> RemoteURL? {
        try await backend.remoteURL(named: name).map { RemoteURL($0, relativeTo: root) }
    }

    /// Whether the commit's tree has a file at `path`, relative to the root of the tree.
    package func contains(path: String, in commit: CommitID) async throws -> Bool {
        try await file(at: path, in: commit) != nil
    }

    /// - Parameter limit: in bytes; a longer file is an error.
    /// - Throws: `pathNotInCommit`.
    package func readFile(_ path: String, in commit: CommitID, limit: Int = 1 << 20) async throws -> [UInt8] {
        guard let entry = try await file(at: path, in: commit) else { throw GitError.pathNotInCommit(path, commit) }
        return try await backend.contents(of: entry, limit: limit)
    }

    package func tree(of commit: CommitID) -> CommitTree {
        CommitTree(
            commit: commit, backend: backend, attributes: AttributeReader(git: command, layout: backend.layout))
    }

    private func file(at path: String, in commit: CommitID) async throws -> TreeEntry? {
        let parts = path.split(separator: "/").filter { $0 != "." }
        guard !parts.isEmpty, !path.hasPrefix("/"), !parts.contains("..") else { return nil }
        let entry = try await backend.entry(at: parts.joined(separator: "/"), in: commit)
        guard case .file = entry?.kind else { return nil }
        return entry
    }
}

/// This is what `Repository` reads through: libgit2 and, for repositories that it cannot open, the `git` command.
protocol GitBackend: Sendable {
    var layout: RepositoryLayout { get }

    func head() async throws -> Head
    /// `nil` when the revision is not found.
    func resolve(_ revision: String) async throws -> ResolvedCommit?
    func commit(_ id: CommitID) async throws -> Commit
    func workingTreeStatus() async throws -> WorkingTreeStatus
    func remoteURL(named name: String) async throws -> String?
    func remoteBranches(of remote: String) async throws -> [RemoteBranch]

    func hasCommit(_ id: CommitID) async throws -> Bool
    /// Walks the history of this clone; throws `missingObject` where an object is missing.
    func isReachable(_ commit: CommitID, fromAny tips: [CommitID]) async throws -> Bool
    func commits(reachableFrom starts: [CommitID], butNotFrom ends: [CommitID]) async throws -> [CommitID]

    /// `nil` when the commit has nothing at that path.
    func entry(at path: String, in commit: CommitID) async throws -> TreeEntry?
    func contents(of entry: TreeEntry, limit: Int) async throws -> [UInt8]
    /// All entries in the order of the tree, a directory before its contents.
    func entries(of commit: CommitID) async throws -> [TreeEntry]

    func checkOut(_ commit: CommitID, into folder: String) async throws
    func writeArchive(_ plan: ArchivePlan, toPath path: String) async throws -> ArchiveInfo
}
