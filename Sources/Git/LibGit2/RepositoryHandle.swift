import CLibgit2

/// An open repository of libgit2; closed with the last reference to it.
final class RepositoryHandle {
    let pointer: OpaquePointer

    /// - Throws: `notARepository`, `dubiousOwnership`, or `unsupportedRepository` for what the `git` command may open.
    init(opening location: RepositoryLocation) throws(GitError) {
        try LibGit2.start()
        var opened: OpaquePointer?
        let flags = location.isGitDirectory ? GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue : 0
        let code = git_repository_open_ext(&opened, location.path, flags, nil)
        guard code >= 0, let opened else { throw LibGit2Failure.last(code).openingError(at: location.path) }
        pointer = opened
        if let worktree = location.worktree, git_repository_is_bare(opened) == 0 {
            try LibGit2.check(git_repository_set_workdir(opened, worktree, 0), "setting the work tree to \(worktree)")
        }
    }

    deinit { git_repository_free(pointer) }

    var layout: RepositoryLayout {
        let gitDirectory = Self.path(git_repository_path(pointer)) ?? "/"
        return RepositoryLayout(
            worktree: Self.path(git_repository_workdir(pointer)), gitDirectory: gitDirectory,
            commonDirectory: Self.path(git_repository_commondir(pointer)) ?? gitDirectory)
    }

    private static func path(_ text: UnsafePointer<CChar>?) -> String? {
        text.map { RepositoryLayout.trimmed(String(cString: $0)) }
    }
}
