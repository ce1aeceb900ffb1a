import CLibgit2

extension LibGit2Backend {
    /// Falls back to `git` for what libgit2 cannot read, such as a sparse or split index.
    func workingTreeStatus() async throws -> WorkingTreeStatus {
        guard layout.worktree != nil else { return .clean }
        do {
            return WorkingTreeStatus(changedPaths: try changedPaths())
        } catch let error as GitError {
            do {
                return try await git.workingTreeStatus()
            } catch is GitError {
                // The first failure says more than "git is not installed" would.
                return .unknown(reason: error.message)
            }
        }
    }

    private func changedPaths() throws -> [String] {
        var options = git_status_options()
        try LibGit2.check(
            git_status_options_init(&options, UInt32(GIT_STATUS_OPTIONS_VERSION)), "preparing to read the status")
        options.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR
        options.flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED.rawValue
        let list = try Owned(git_status_list_free, "reading the status") {
            git_status_list_new(&$0, repository, &options)
        }
        let index = try Owned(git_index_free, "reading the index") { git_repository_index(&$0, repository) }
        return (0..<git_status_list_entrycount(list.pointer)).compactMap { position in
            git_status_byindex(list.pointer, position).flatMap { Self.changedPath($0.pointee, index: index.pointer) }
        }
    }

    private static let indexChanges =
        GIT_STATUS_INDEX_NEW.rawValue | GIT_STATUS_INDEX_MODIFIED.rawValue | GIT_STATUS_INDEX_DELETED.rawValue
        | GIT_STATUS_INDEX_RENAMED.rawValue | GIT_STATUS_INDEX_TYPECHANGE.rawValue | GIT_STATUS_CONFLICTED.rawValue

    /// `nil` for a file that a sparse checkout left out: libgit2 takes its absence for a deletion.
    private static func changedPath(_ entry: git_status_entry, index: OpaquePointer) -> String? {
        guard let path = (entry.index_to_workdir ?? entry.head_to_index)?.pointee.old_file.path else { return nil }
        let isOnlyInWorktree = entry.status.rawValue & indexChanges == 0
        if isOnlyInWorktree, let known = git_index_get_bypath(index, path, 0)?.pointee,
            UInt32(known.flags_extended) & GIT_INDEX_ENTRY_SKIP_WORKTREE.rawValue != 0
        {
            return nil
        }
        return String(cString: path)
    }
}
