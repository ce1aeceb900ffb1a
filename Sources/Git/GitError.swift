/// This error says what failed while reading a repository, with a hint what to do.
package struct GitError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds a caller may handle; everything else is `other`.
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
        // The default directory is `.`.
        let path = path.hasSuffix("/.") ? String(path.dropLast(2)) : path
        return GitError(
            .notARepository, "not a git repository: \(path)",
            hint: "run slipway inside the repository; in CI, check it out first")
    }

    /// The hint is the one that git gives: only the user may decide to trust another user's repository.
    static func dubiousOwnership(of path: String) -> GitError {
        GitError(
            .dubiousOwnership, "repository owned by another user: \(path)",
            hint: "to trust it, run: git config --global --add safe.directory \(ShellWord.quoted(path))")
    }

    static func unbornBranch(_ branch: String) -> GitError {
        GitError(.unbornBranch, "branch \(branch) has no commits", hint: "create a first commit, then try again")
    }

    static func unknownRef(_ revision: String) -> GitError {
        GitError(
            .unknownRef, "commit, branch or tag not found: \"\(revision)\"",
            hint: "check --ref and --sha; in CI, fetch the full history (fetch-depth: 0, or GIT_DEPTH: 0)")
    }

    static func missingObject(_ detail: String) -> GitError {
        GitError(
            .missingObject, "object not found in this clone: \(detail)",
            hint: "fetch the full history: git fetch --unshallow (fetch-depth: 0 on GitHub, GIT_DEPTH: 0 on GitLab)")
    }

    static func corruptObject(_ detail: String) -> GitError {
        GitError(
            .corruptObject, "corrupt object: \(detail)",
            hint: "clone the repository again; git fsck lists the damaged objects")
    }

    static func pathNotInCommit(_ path: String, _ commit: CommitID) -> GitError {
        GitError(
            .pathNotInCommit, "file not found in commit \(commit.abbreviated): \(path)",
            hint: "commit the file, or pass another path with --config")
    }

    static func tooLarge(_ path: String, size: Int, limit: Int) -> GitError {
        GitError(.other, "file too large: \(path) (\(size) bytes, limit \(limit))")
    }

    static func nameIsNotUTF8(_ path: String) -> GitError {
        GitError(.unarchivableContent, "file name is not UTF-8: \(path)", hint: "rename it with git mv")
    }
}

/// This quotes a word of a command line so that it can be pasted into a shell.
private enum ShellWord {
    private static let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:@%,=")

    static func quoted(_ word: String) -> String {
        if !word.isEmpty, word.allSatisfy(plain.contains) { return word }
        return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
