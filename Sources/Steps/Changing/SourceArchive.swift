import FoundationEssentials
import Git

/// The commit's tree as a gzip tar on disk, on its way to the control plane.
struct SourceArchive: Sendable {
    struct File: Sendable {
        var path: String
        var size: Int

        /// A file that stays costs only space in the state folder.
        func remove() {
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    let request: ChangeRequest
    let folder: String
    /// The deployment's name or id: two jobs of a run may send the same commit at the same time.
    let deployment: String

    func write() async throws -> File {
        guard let commit = CommitID(request.sha) else {
            throw GitError(.unknownRef, "'\(request.sha)' is no commit", hint: "set --sha to 40 or 64 hex digits")
        }
        let repository = try await Repository.open(containing: request.directory)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let target = deployment.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
        let path = "\(folder)/\(commit.abbreviated)-\(target).tar.gz"
        let archive = try await repository.tree(of: commit).writeArchive(toPath: path)
        return File(path: path, size: Int(archive.size))
    }
}
