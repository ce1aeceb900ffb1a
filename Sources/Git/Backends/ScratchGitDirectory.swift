import Files
import FoundationEssentials

/// This is a temporary git directory that shares the objects of a repository, to fill an index and read attributes
/// without changing that repository or using its configuration or the user's.
struct ScratchGitDirectory {
    let git: GitCommand

    /// Passes a new git directory for the objects of `commit` to `body` and removes it afterwards.
    static func withTemporary<Result>(
        objectsOf layout: RepositoryLayout, commit: CommitID, base: GitCommand,
        _ body: (ScratchGitDirectory) async throws -> Result
    ) async throws -> Result {
        let parent = RepositoryLayout.trimmed(FileManager.default.temporaryDirectory.path)
        let path = "\(parent)/slipway-git-\(UUID().uuidString)"
        defer {
            // A left-over temporary folder does no harm, and the result is already decided.
            try? FileManager.default.removeItem(atPath: path)
        }
        return try await body(
            ScratchGitDirectory(path: path, objectsOf: layout, format: ObjectFormat(of: commit), base: base))
    }

    private init(path: String, objectsOf layout: RepositoryLayout, format: ObjectFormat, base: GitCommand)
        throws(GitError)
    {
        try Folder.create("\(path)/objects/info")
        try Folder.create("\(path)/refs")
        try Folder.create("\(path)/info")
        try Self.write("ref: refs/heads/main\n", to: "\(path)/HEAD")
        try Self.write("\(layout.commonDirectory)/objects\n", to: "\(path)/objects/info/alternates")
        try Self.write(format.configuration, to: "\(path)/config")
        git = GitCommand(
            folder: path,
            environment: base.environment.adding([
                "GIT_DIR": path, "GIT_COMMON_DIR": path, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
                "GIT_CONFIG_COUNT": "0", "GIT_ATTR_NOSYSTEM": "1", "XDG_CONFIG_HOME": path, "HOME": path,
            ]))
    }

    /// Overrides every `.gitattributes`, so that files are written with the bytes that were committed.
    func disableConversions() throws(GitError) {
        try Self.write("* -text -eol -ident -filter -working-tree-encoding\n", to: "\(git.folder)/info/attributes")
    }

    private static func write(_ text: String, to path: String) throws(GitError) {
        do {
            try Data(text.utf8).write(to: URL(filePath: path))
        } catch {
            throw GitError(.fileSystem, "cannot write \(path): \(SystemErrorText.text(of: error))")
        }
    }
}

/// This is the hash function of a repository.
private enum ObjectFormat: String, Sendable {
    case sha1
    case sha256

    init(of commit: CommitID) {
        self = commit.description.utf8.count == 64 ? .sha256 : .sha1
    }

    /// The configuration of a bare repository of this format.
    var configuration: String {
        switch self {
        case .sha1: "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"
        case .sha256:
            "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = sha256\n"
        }
    }
}

/// This creates folders, with errors that name them.
enum Folder {
    static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : RepositoryLayout.trimmed(FileManager.default.currentDirectoryPath) + "/" + path
    }

    static func create(_ path: String) throws(GitError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw GitError(.fileSystem, "cannot create folder \(path): \(SystemErrorText.text(of: error))")
        }
    }
}
