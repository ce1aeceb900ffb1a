import FoundationEssentials

/// Where to look for a repository, as git decides it.
struct RepositoryLocation: Equatable {
    /// The folder to search from, or the git directory itself.
    let path: String
    let isGitDirectory: Bool
    /// `nil`: where the repository says.
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
        // Without GIT_WORK_TREE git takes the folder it runs in, which hooks are started in.
        worktree = environment["GIT_WORK_TREE"].map { Self.absolute($0, in: folder) } ?? folder
    }

    private static func absolute(_ path: String, in folder: String) -> String {
        path.hasPrefix("/") ? path : "\(folder)/\(path)"
    }

    /// Where the repository starts that cannot be opened, since git trusts no folder inside one. By the file names
    /// alone, without links; `path` itself when nothing is found.
    static func root(around path: String) -> String {
        let start = URL(filePath: path).resolvingSymlinksInPath()
        var folder = start
        while folder.path != "/" {
            if isRepository(folder) { return RepositoryLayout.trimmed(folder.path) }
            folder.deleteLastPathComponent()
        }
        return RepositoryLayout.trimmed(start.path)
    }

    /// A work tree has `.git`, which may be a file; a git directory has the two others.
    private static func isRepository(_ folder: URL) -> Bool {
        func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: folder.appending(path: name).path) }
        return has(".git") || has("HEAD") && has("objects")
    }
}
