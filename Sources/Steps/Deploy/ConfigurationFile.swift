package import Git

/// This finds the agent's configuration in a commit.
package struct ConfigurationFile: Equatable, Sendable {
    /// Relative to the root of the repository.
    package let path: String
    /// Says why it is not the path that was given.
    package let note: String?

    /// A path that the root does not have is looked for in the folder of the command, which may be below the root.
    ///
    /// - Throws: `pathNotInCommit`.
    package static func find(
        _ text: String, in commit: CommitID, of repository: Repository, from folder: String
    ) async throws -> ConfigurationFile {
        let path = TreePath.normalized(text)
        if try await repository.contains(path: path, in: commit) { return ConfigurationFile(path: path, note: nil) }
        if let below = repository.path(ofFolder: folder), !below.isEmpty,
            try await repository.contains(path: "\(below)/\(path)", in: commit)
        {
            let found = "\(below)/\(path)"
            return ConfigurationFile(path: found, note: "configuration \(found), from the current folder")
        }
        throw GitError(
            .pathNotInCommit, "file not found in commit \(commit.abbreviated): \(path)",
            hint: "commit the file, or pass its path from the root of the repository with --config")
    }
}
