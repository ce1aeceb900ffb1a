import CLibgit2

extension LibGit2Backend {
    func head() throws -> Head {
        if try LibGit2.check(git_repository_head_unborn(repository), "reading HEAD") == 1 {
            throw GitError.unbornBranch(try unbornBranchName())
        }
        let reference = try Owned(git_reference_free, "reading HEAD") { git_repository_head(&$0, repository) }
        let commit = try commit(at: reference.pointer)
        let isBranch = git_reference_is_branch(reference.pointer) == 1
        return Head(
            commit: commit,
            branch: isBranch ? Self.text(git_reference_shorthand(reference.pointer)) : nil,
            tags: try tags(pointingAt: commit))
    }

    func resolve(_ revision: String) throws -> ResolvedCommit? {
        var object: OpaquePointer?
        var reference: OpaquePointer?
        let code = git_revparse_ext(&object, &reference, repository, revision)
        defer {
            git_object_free(object)
            git_reference_free(reference)
        }
        if code == GIT_EINVALIDSPEC.rawValue { return nil }
        guard try LibGit2.found(code, "resolving \(revision)") else { return nil }
        guard let commit = try peeled("resolving \(revision)", { git_object_peel(&$0, object, GIT_OBJECT_COMMIT) })
        else {
            return nil
        }
        return ResolvedCommit(
            text: revision, commit: commit,
            reference: reference.flatMap { GitReference(fullName: Self.text(git_reference_name($0))) })
    }

    func remoteBranches(of remote: String) throws -> [RemoteBranch] {
        var branches: [RemoteBranch] = []
        let prefix = "refs/remotes/"
        try forEachReference(matching: "\(prefix)\(remote)/*") { reference in
            // origin/HEAD is a symbolic reference to another branch.
            guard git_reference_type(reference) == GIT_REFERENCE_DIRECT else { return }
            let name = Self.text(git_reference_name(reference))
            branches.append(
                RemoteBranch(name: String(name.dropFirst(prefix.count)), tip: try commit(at: reference)))
        }
        return branches
    }

    private func tags(pointingAt commit: CommitID) throws -> [String] {
        var tags: [String] = []
        try forEachReference(matching: "refs/tags/*") { reference in
            guard try target(ofTag: reference) == commit else { return }
            tags.append(Self.text(git_reference_shorthand(reference)))
        }
        return tags.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// `nil` for a tag that does not point at a commit, or whose object is missing in a partial clone.
    private func target(ofTag reference: OpaquePointer) throws -> CommitID? {
        if let peeled = git_reference_target_peel(reference)?.pointee { return try CommitID(peeled) }
        return try peeled("reading tag \(Self.text(git_reference_name(reference)))") {
            git_reference_peel(&$0, reference, GIT_OBJECT_COMMIT)
        }
    }

    /// `nil` when `peel` does not find a commit in this clone.
    private func peeled(_ action: String, _ peel: (inout OpaquePointer?) -> Int32) throws -> CommitID? {
        var object: OpaquePointer?
        let code = peel(&object)
        defer { git_object_free(object) }
        if code == GIT_EPEEL.rawValue || code == GIT_EINVALIDSPEC.rawValue { return nil }
        guard try LibGit2.found(code, action) else { return nil }
        return try git_object_id(object).map { try CommitID($0.pointee) }
    }

    private func forEachReference(matching glob: String, _ body: (OpaquePointer) throws -> Void) throws {
        let iterator = try Owned(git_reference_iterator_free, "listing \(glob)") {
            git_reference_iterator_glob_new(&$0, repository, glob)
        }
        var reference: OpaquePointer?
        try LibGit2.iterate("listing \(glob)", step: { git_reference_next(&reference, iterator.pointer) }) {
            defer { git_reference_free(reference) }
            if let reference { try body(reference) }
        }
    }

    private func commit(at reference: OpaquePointer) throws(GitError) -> CommitID {
        guard let id = git_reference_target(reference)?.pointee else {
            throw .unknownRef(Self.text(git_reference_name(reference)))
        }
        return try CommitID(id)
    }

    private func unbornBranchName() throws(GitError) -> String {
        let head = try Owned(git_reference_free, "reading HEAD") { git_reference_lookup(&$0, repository, "HEAD") }
        let name = Self.text(git_reference_symbolic_target(head.pointer))
        let prefix = "refs/heads/"
        return name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
    }
}
