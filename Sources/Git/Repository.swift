import Files
import FoundationEssentials

/// This reads a git repository. It never runs a hook, and only `NotesStore` and `fetchBranches` change it or fetch.
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
        } catch {
            return try await openAnyway(command, after: error)
        }
    }

    private static func openAnyway(_ command: GitCommand, after error: GitError) async throws -> Repository {
        switch error.kind {
        case .unsupportedRepository, .dubiousOwnership: return try await openThroughGit(command, because: error)
        case .notARepository: throw RepositoryLocation.brokenLink(around: command.folder) ?? error
        default: throw error
        }
    }

    /// Opens formats that libgit2 does not support, such as SHA-256 or a configuration per worktree, and repositories
    /// of other users that git trusts: libgit2 knows only some of the places where safe.directory can be set.
    private static func openThroughGit(_ command: GitCommand, because error: GitError) async throws -> Repository {
        do {
            return Repository(backend: try await GitCommandBackend(opening: command), command: command)
        } catch let other as GitError where other.kind == .gitMissing {
            throw error
        }
    }

    /// The root of the working tree, or the git directory of a bare repository: absolute, no trailing slash.
    package var root: String { backend.layout.root }

    /// The path of a folder relative to the root of the working tree; `nil` outside of it.
    package func path(ofFolder folder: String) -> String? {
        guard let worktree = backend.layout.worktree else { return nil }
        let (root, place) = (RealPath(worktree).text, RealPath(Folder.absolute(folder)).text)
        if place == root { return "" }
        return place.hasPrefix(root + "/") ? String(place.dropFirst(root.count + 1)) : nil
    }

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
    ///
    /// Where a branch and a tag have the same name, the name means the branch, as for the control plane.
    package func lookUp(_ revision: String) async throws -> ResolvedCommit {
        guard !revision.isEmpty, !revision.hasPrefix("-") else { throw GitError.unknownRef(revision) }
        if let resolved = try await backend.resolve(revision) {
            guard resolved.reference == .tag(revision) else { return resolved }
            guard let branch = try await backend.resolve("refs/heads/\(revision)") else { return resolved }
            return ResolvedCommit(
                text: revision, commit: branch.commit, reference: .branch(revision), otherMeaning: .tag(revision))
        }
        let name = try await defaultRemote()?.name ?? Self.origin
        guard let remote = try await backend.resolve("refs/remotes/\(name)/\(revision)") else {
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

    /// Whether the commit's tree has a file at `path`, relative to the root of the tree; links are followed.
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
        let path = TreePath.normalized(path)
        guard !path.isEmpty, !path.hasPrefix("/"), !path.split(separator: "/").contains("..") else { return nil }
        if let entry = try await backend.entry(at: path, in: commit), case .file = entry.kind { return entry }
        let links = try await backend.linkTargets(of: try await backend.entries(of: commit))
        guard !links.isEmpty, case .inside(let place) = LinkResolver(targets: links).resolve(path), !place.isEmpty,
            let entry = try await backend.entry(at: place, in: commit), case .file = entry.kind
        else { return nil }
        return entry
    }
}

/// This gives each path in a repository one spelling.
package enum TreePath {
    /// Without `.`, empty parts and a slash at the end. An absolute path and `..` stay.
    package static func normalized(_ path: String) -> String {
        let parts = path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
        return path.hasPrefix("/") ? "/" + parts : parts
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
    /// Name and value of every variable whose name matches the regular expression, in the order of the files.
    func configuration(matching pattern: String) async throws -> [ConfigurationEntry]
    func remoteBranches(of remote: String) async throws -> [RemoteBranch]

    func hasCommit(_ id: CommitID) async throws -> Bool
    /// Walks the history of this clone; throws `missingObject` where an object is missing.
    func isReachable(_ commit: CommitID, fromAny tips: [CommitID]) async throws -> Bool
    func commits(reachableFrom starts: [CommitID], butNotFrom ends: [CommitID]) async throws -> [CommitID]

    /// `nil` when the commit has nothing at that path.
    func entry(at path: String, in commit: CommitID) async throws -> TreeEntry?
    func contents(of entry: TreeEntry, limit: Int) async throws -> [UInt8]
    /// The targets of the symbolic links among the entries, by their paths.
    func linkTargets(of entries: [TreeEntry]) async throws -> [String: String]
    /// All entries in the order of the tree, a directory before its contents.
    func entries(of commit: CommitID) async throws -> [TreeEntry]

    /// Empty when the reference does not exist.
    func notes(at reference: String) async throws -> GitNotes
    /// Makes `reference` hold its own lines, those of `other` and `new`, on top of the history of `other`.
    func mergeNotes(at reference: String, with other: String?, adding new: [CommitID: [String]]) async throws
    /// Removes a reference if it exists.
    func remove(reference: String) async throws

    func checkOut(_ commit: CommitID, into folder: String) async throws
    func writeArchive(_ plan: ArchivePlan, toPath path: String) async throws -> ArchiveInfo
}
