import FoundationEssentials

/// This is the path at which to look for a repository, by the same rules as git.
struct RepositoryLocation: Equatable {
    /// The folder to search from, or the git directory itself.
    let path: String
    let isGitDirectory: Bool
    /// `nil`: the one that the repository is configured for.
    let worktree: String?

    init(folder: String, environment: [String: String]) {
        guard let gitDirectory = environment["GIT_DIR"], !gitDirectory.isEmpty else {
            path = folder
            isGitDirectory = false
            worktree = nil
            return
        }
        path = Self.absolute(gitDirectory, in: folder)
        isGitDirectory = true
        // Without GIT_WORK_TREE git uses the current folder, in which hooks run.
        worktree = environment["GIT_WORK_TREE"].map { Self.absolute($0, in: folder) } ?? folder
    }

    private static func absolute(_ path: String, in folder: String) -> String {
        path.hasPrefix("/") ? path : "\(folder)/\(path)"
    }

    /// Finds the root of a repository that cannot be opened, since safe.directory needs the root. Looks only at file
    /// names, with links resolved; returns `path` when nothing is found.
    static func root(around path: String) -> String {
        let start = URL(filePath: path).resolvingSymlinksInPath()
        var folder = start
        while folder.path != "/" {
            if isRepository(folder) { return RepositoryLayout.trimmed(folder.path) }
            folder.deleteLastPathComponent()
        }
        return RepositoryLayout.trimmed(start.path)
    }

    /// The error for a `.git` file, as in a worktree or a submodule, that names a git directory that is gone; git says
    /// the same. `nil` when the file is not found.
    static func brokenLink(around path: String) -> GitError? {
        let prefix = "gitdir: "
        let file = root(around: path) + "/.git"
        guard let text = try? String(contentsOfFile: file, encoding: .utf8), text.hasPrefix(prefix) else { return nil }
        let target = text.dropFirst(prefix.count).prefix { !$0.isNewline }
        let directory = target.hasPrefix("/") ? String(target) : "\(root(around: path))/\(target)"
        return GitError(
            .notARepository, "not a git repository: \(directory) (named by \(file))",
            hint: "if the main clone was moved, run git worktree repair in it; otherwise clone the repository again")
    }

    /// A working tree has `.git`, which may be a file; a git directory has `HEAD` and `objects`.
    private static func isRepository(_ folder: URL) -> Bool {
        func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: folder.appending(path: name).path) }
        return has(".git") || has("HEAD") && has("objects")
    }
}

/// This holds the paths of an open repository: absolute, without a trailing slash.
struct RepositoryLayout: Equatable, Sendable {
    /// `nil` for a bare repository.
    let worktree: String?
    let gitDirectory: String
    /// Differs from `gitDirectory` in a linked worktree.
    let commonDirectory: String

    var root: String { worktree ?? gitDirectory }

    static func trimmed(_ path: String) -> String {
        path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }
}
