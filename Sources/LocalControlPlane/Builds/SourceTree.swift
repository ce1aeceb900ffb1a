import ControlPlaneTypes
import Foundation

/// Writes the files that a revision is built from into its directory.
struct SourceTree: Sendable {
    let state: PlaneDirectory
    let access: any RepositoryAccess

    /// Checks out the commit or extracts the archive, after removing what an interrupted build left.
    ///
    /// - Throws: `ServerError`, or the error of the repository.
    func populate(_ revision: RevisionRecord, log: RevisionLog) async throws {
        try discard(revision.artifactID)
        let tree = state.tree(of: revision.artifactID)
        try FileManager.default.createDirectory(at: tree, withIntermediateDirectories: true)
        if let commit = revision.config.repoCommitSHA, let path = revision.repositoryPath {
            await log.append("checking out commit \(commit)")
            try await access.checkOut(commit, of: path, into: tree)
        } else if let upload = revision.config.sourceTarballPath {
            await log.append("extracting the uploaded source")
            try extract(upload, into: tree)
        }
    }

    func discard(_ artifact: RevisionID) throws {
        let tree = state.tree(of: artifact)
        let folders = [tree, VirtualEnvironment(of: tree).folder]
        for folder in folders where FileManager.default.fileExists(atPath: folder.path()) {
            try FileManager.default.removeItem(at: folder)
        }
    }

    private func extract(_ upload: String, into tree: URL) throws {
        var extractor = ArchiveExtractor()
        try extractor.extract(state.root.appending(path: upload), into: tree)
    }
}
