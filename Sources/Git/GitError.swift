/// What went wrong while reading a repository, and what to do about it.
package struct GitError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds a caller may act on; everything else is `other`.
    package enum Kind: String, Sendable {
        case notARepository
        case unsupportedRepository
        case dubiousOwnership
        case gitMissing
        case unbornBranch
        case detachedHead
        case syntheticMergeCommit
        case unreadableEvent
        case unknownRef
        case ambiguousRef
        case missingObject
        case corruptObject
        case pathNotInCommit
        case unarchivableContent
        case archiveTooLarge
        case fileSystem
        case other
    }

    package let kind: Kind
    package let message: String
    package let hint: String?

    package init(_ kind: Kind, _ message: String, hint: String? = nil) {
        self.kind = kind
        self.message = message
        self.hint = hint
    }

    package var description: String {
        guard let hint else { return message }
        return "\(message)\nhint: \(hint)"
    }
}

extension GitError {
    static func notARepository(_ path: String) -> GitError {
        GitError(
            .notARepository, "\(path) is not inside a git repository",
            hint: "run this inside the repository, or in CI check it out first")
    }

    /// The command repeats git's own: only the user may decide to trust somebody else's repository.
    static func dubiousOwnership(of path: String) -> GitError {
        GitError(
            .dubiousOwnership, "the repository at \(path) belongs to another user",
            hint: "if you trust it: git config --global --add safe.directory \(ShellWord.quoted(path))")
    }

    static func unbornBranch(_ branch: String) -> GitError {
        GitError(.unbornBranch, "branch \(branch) has no commit yet", hint: "make a first commit, then try again")
    }

    static func unknownRef(_ revision: String) -> GitError {
        GitError(
            .unknownRef, "no commit, branch or tag is called \"\(revision)\" here",
            hint: "check --ref and --sha; in CI the checkout may be too shallow: fetch-depth: 0, or GIT_DEPTH: 0")
    }

    static func missingObject(_ id: some CustomStringConvertible) -> GitError {
        GitError(
            .missingObject, "object \(id) is not in this clone",
            hint: "fetch the whole history: git fetch --unshallow (fetch-depth: 0 on GitHub, GIT_DEPTH: 0 on GitLab)")
    }

    static func corruptObject(_ detail: String) -> GitError {
        GitError(.corruptObject, detail, hint: "git fsck lists what is damaged; a fresh clone repairs it")
    }

    static func pathNotInCommit(_ path: String, _ commit: CommitID) -> GitError {
        GitError(
            .pathNotInCommit, "commit \(commit.abbreviated) has no file \(path)",
            hint: "commit the file, or name the right one with --config")
    }

    static func tooLarge(_ path: String, size: Int, limit: Int) -> GitError {
        GitError(.other, "\(path) has \(size) bytes; at most \(limit) are read")
    }

    static func nameIsNotUTF8(_ path: String) -> GitError {
        GitError(.unarchivableContent, "the name of \(path) is not UTF-8", hint: "rename it: git mv")
    }
}
