import FoundationEssentials
import Git
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

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

    let plan: DeployPlan
    let folder: String
    /// The deployment's name or id: two jobs of a run may send the same commit at the same time.
    let deployment: String

    func write() async throws -> File {
        guard let commit = CommitID(plan.sha) else {
            throw GitError(.unknownRef, "'\(plan.sha)' is not a commit", hint: "set --sha to 40 or 64 hex digits")
        }
        let repository = try await Repository.open(containing: plan.directory)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let target = deployment.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
        let path = "\(folder)/\(commit.abbreviated)-\(target).tar.gz"
        let archive = try await repository.tree(of: commit).writeArchive(toPath: path)
        return File(path: path, size: Int(archive.size))
    }
}

/// Which uploaded archive was made from which commit, kept in the state folder: for `internal_source` the control plane
/// does not know the commit, so this is how a later run tells that it is live already.
package final class UploadIndex: Sendable {
    /// Object paths to commits.
    package typealias Entries = [String: String]

    private let path: String?

    /// Nil keeps nothing.
    package init(path: String?) { self.path = path }

    /// What is known; an absent or damaged file only costs a deploy that was not needed.
    package func entries() -> Entries {
        guard let path, let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [:] }
        var entries: Entries = [:]
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ", maxSplits: 1)
            if fields.count == 2 { entries[String(fields[1])] = String(fields[0]) }
        }
        return entries
    }

    /// Adds one line; the archive is uploaded, so a failure here must not fail the deploy.
    package func add(objectPath: String, sha: String) {
        guard let path else { return }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var line = "\(sha) \(objectPath)\n"
        line.withUTF8 { _ = write(descriptor, $0.baseAddress, $0.count) }
    }
}
