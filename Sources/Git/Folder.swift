import Files
import FoundationEssentials

/// Makes and removes folders, with errors that name them.
enum Folder {
    static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : RepositoryLayout.trimmed(FileManager.default.currentDirectoryPath) + "/" + path
    }

    static func make(_ path: String) throws(GitError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw GitError(.fileSystem, "cannot make the folder \(path): \(SystemErrorText.text(of: error))")
        }
    }

    /// Gives `body` a new empty folder and removes it afterwards.
    static func withTemporary<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let base = FileManager.default.temporaryDirectory.path
        let path = RepositoryLayout.trimmed(base) + "/slipway-git-\(UUID().uuidString)"
        try make(path)
        defer {
            // A left-over temporary folder does no harm, and the result is already decided.
            try? FileManager.default.removeItem(atPath: path)
        }
        return try await body(path)
    }
}
