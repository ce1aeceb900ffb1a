import CLibgit2
import FoundationEssentials

/// Reads a repository through libgit2, and through `git` only what libgit2 gets wrong.
actor LibGit2Backend: GitBackend {
    nonisolated let layout: RepositoryLayout
    /// For what libgit2 cannot tell: history in a shallow clone, an index format it does not know.
    let git: GitCommandBackend
    private let handle: RepositoryHandle

    var repository: OpaquePointer { handle.pointer }

    init(openedAs handle: sending RepositoryHandle, git: GitCommand) {
        layout = handle.layout
        self.git = GitCommandBackend(command: git, layout: handle.layout)
        self.handle = handle
    }

    func commit(_ id: CommitID) throws -> Commit {
        let commit = try lookUp(id)
        let author = git_commit_author(commit.pointer)?.pointee
        return Commit(
            id: id,
            authorName: Self.text(author?.name), authorEmail: Self.text(author?.email),
            subject: Self.text(git_commit_summary(commit.pointer)),
            committedAt: Date(timeIntervalSince1970: Double(git_commit_time(commit.pointer))))
    }

    /// As configured: what `insteadOf` makes of it is how this machine gets there, not what the repository is called.
    func remoteURL(named name: String) throws -> String? {
        let action = "reading the address of remote \(name)"
        let configuration = try Owned(git_config_free, action) { git_repository_config_snapshot(&$0, repository) }
        var value: UnsafePointer<CChar>?
        let code = git_config_get_string(&value, configuration.pointer, "remote.\(name).url")
        return try LibGit2.found(code, action) ? value.map { String(cString: $0) } : nil
    }

    func lookUp(_ id: CommitID) throws(GitError) -> Owned {
        var oid = try id.libGit2
        return try Owned(git_commit_free, "reading commit \(id)") { git_commit_lookup(&$0, repository, &oid) }
    }

    /// git does not promise UTF-8 in names and messages.
    static func text(_ bytes: UnsafePointer<CChar>?) -> String {
        bytes.map { String(cString: $0) } ?? ""
    }
}
