import Files
import FoundationEssentials

/// A git directory of our own on top of the objects of another, so that an index can be filled and attributes
/// read without touching that repository, its configuration, or the user's.
struct ScratchGitDirectory {
    let git: GitCommand

    /// - Parameter path: an existing empty folder.
    init(path: String, objectsOf layout: RepositoryLayout, format: ObjectFormat, base: GitCommand) throws(GitError) {
        try Folder.make("\(path)/objects/info")
        try Folder.make("\(path)/refs")
        try Folder.make("\(path)/info")
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

    /// Overrides every `.gitattributes`: files come out with the bytes that were committed.
    func switchConversionsOff() throws(GitError) {
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
