import FoundationEssentials
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Which uploaded archive was made from which commit, kept in the state folder: for `internal_source` the plane does
/// not know the commit, so this is how a later run tells that it is live already.
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
