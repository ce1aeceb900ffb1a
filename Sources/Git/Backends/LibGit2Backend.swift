import CLibgit2
import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// This backend reads a repository with libgit2, and with `git` only what libgit2 gets wrong.
actor LibGit2Backend: GitBackend {
    nonisolated let layout: RepositoryLayout
    /// Reads what libgit2 cannot: history in a shallow clone, an unsupported index format.
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

    func configuration(matching pattern: String) async throws -> [ConfigurationEntry] {
        if git.command.environment.hasSettings {
            do {
                return try await git.configuration(matching: pattern)
            } catch let error as GitError where error.kind == .gitMissing {
                // What the files say is what there is.
            }
        }
        return try configurationOfFiles(matching: pattern)
    }

    private func configurationOfFiles(matching pattern: String) throws -> [ConfigurationEntry] {
        let action = "reading the configuration"
        guard let wanted = try? Regex(pattern) else {
            throw GitError(.other, "\(action): invalid pattern '\(pattern)'")
        }
        let configuration = try Owned(git_config_free, action) { git_repository_config_snapshot(&$0, repository) }
        // The iterator of libgit2 that takes a pattern loses some kilobytes for each entry.
        let iterator = try Owned(git_config_iterator_free, action) {
            git_config_iterator_new(&$0, configuration.pointer)
        }
        var entries: [ConfigurationEntry] = []
        var entry: UnsafeMutablePointer<git_config_entry>?
        try LibGit2.iterate(action, step: { git_config_next(&entry, iterator.pointer) }) {
            guard let entry = entry?.pointee else { return }
            let name = Self.text(entry.name)
            guard (try? wanted.firstMatch(in: name)) != nil else { return }
            entries.append(ConfigurationEntry(name: name, value: Self.text(entry.value)))
        }
        return entries
    }

    func lookUp(_ id: CommitID) throws(GitError) -> Owned {
        var oid = try id.libGit2
        return try Owned(git_commit_free, "reading commit \(id)") { git_commit_lookup(&$0, repository, &oid) }
    }

    /// Repairs invalid UTF-8, which git allows in names and messages.
    static func text(_ bytes: UnsafePointer<CChar>?) -> String {
        bytes.map { String(cString: $0) } ?? ""
    }
}

/// This is an open libgit2 repository, closed with its last reference.
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
            try LibGit2.check(
                git_repository_set_workdir(opened, worktree, 0), "setting the working tree to \(worktree)")
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

extension LibGit2Backend {
    func hasCommit(_ id: CommitID) throws -> Bool {
        var oid = try id.libGit2
        var commit: OpaquePointer?
        defer { git_commit_free(commit) }
        return try LibGit2.found(git_commit_lookup(&commit, repository, &oid), "reading commit \(id)")
    }

    /// In a shallow clone `git` walks the history: libgit2 before 1.7 fails at its boundary.
    func isReachable(_ commit: CommitID, fromAny tips: [CommitID]) async throws -> Bool {
        guard !isShallow else { return try await git.isReachable(commit, fromAny: tips) }
        if tips.contains(commit) { return true }
        guard !tips.isEmpty else { return false }
        var oid = try commit.libGit2
        let ends = try tips.map { try $0.libGit2 }
        return try LibGit2.check(
            git_graph_reachable_from_any(repository, &oid, ends, ends.count), "walking the history of \(commit)") == 1
    }

    func commits(reachableFrom starts: [CommitID], butNotFrom ends: [CommitID]) async throws -> [CommitID] {
        guard !isShallow else { return try await git.commits(reachableFrom: starts, butNotFrom: ends) }
        let action = "walking the history"
        let walk = try Owned(git_revwalk_free, action) { git_revwalk_new(&$0, repository) }
        for start in starts {
            var id = try start.libGit2
            try LibGit2.check(git_revwalk_push(walk.pointer, &id), action)
        }
        for end in ends {
            var id = try end.libGit2
            try LibGit2.check(git_revwalk_hide(walk.pointer, &id), action)
        }
        var commits: [CommitID] = []
        var next = git_oid()
        try LibGit2.iterate(action, step: { git_revwalk_next(&next, walk.pointer) }) {
            commits.append(try CommitID(next))
        }
        return commits
    }

    private var isShallow: Bool { git_repository_is_shallow(repository) == 1 }
}

extension LibGit2Backend {
    /// Asks `git` about what libgit2 cannot read, such as a sparse or split index, and about what it finds changed:
    /// libgit2 runs no external filters, such as that of Git LFS. Where git is missing, libgit2 has the last word.
    func workingTreeStatus() async throws -> WorkingTreeStatus {
        guard let worktree = layout.worktree else { return .clean }
        let ours: WorkingTreeStatus
        do {
            if try hasLargeTouchedFile(in: worktree), let theirs = try await gitStatus() { return theirs }
            ours = WorkingTreeStatus(changedPaths: try changedPaths())
            if ours == .clean { return ours }
        } catch let error as GitError {
            // The error of libgit2 says more than "git not found".
            ours = .unknown(reason: error.message)
        }
        return try await gitStatus() ?? ours
    }

    /// `nil` when git is missing or cannot tell.
    private func gitStatus() async throws -> WorkingTreeStatus? {
        do {
            return try await git.workingTreeStatus()
        } catch is GitError {
            return nil
        }
    }

    /// Whether libgit2 would compare the contents of a large file: where line endings are converted it holds the file
    /// in memory several times, while git maps it.
    private func hasLargeTouchedFile(in worktree: String) throws -> Bool {
        let index = try Owned(git_index_free, "reading the index") { git_repository_index(&$0, repository) }
        return (0..<git_index_entrycount(index.pointer)).contains { position in
            guard let entry = git_index_get_byindex(index.pointer, position)?.pointee,
                entry.file_size > Self.largeFile, let path = entry.path.map({ String(cString: $0) })
            else { return false }
            var status = stat()
            guard lstat("\(worktree)/\(path)", &status) == 0 else { return false }
            return status.modificationSeconds != Int(entry.mtime.seconds)
                || UInt64(truncatingIfNeeded: status.st_size) & 0xFFFF_FFFF != UInt64(entry.file_size)
        }
    }

    /// In bytes.
    private static let largeFile: UInt32 = 64 << 20

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

    /// `nil` for a file outside a sparse checkout, which libgit2 reports as deleted.
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

extension stat {
    fileprivate var modificationSeconds: Int {
        #if canImport(Darwin)
            Int(st_mtimespec.tv_sec)
        #else
            Int(st_mtim.tv_sec)
        #endif
    }
}
