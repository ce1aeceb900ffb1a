import CLibgit2

extension LibGit2Backend {
    func hasCommit(_ id: CommitID) throws -> Bool {
        var oid = try id.libGit2
        var commit: OpaquePointer?
        defer { git_commit_free(commit) }
        return try LibGit2.found(git_commit_lookup(&commit, repository, &oid), "reading commit \(id)")
    }

    /// Before libgit2 1.7 a walk fails at the edge of a shallow clone, where `git` goes by the list of its edges.
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
