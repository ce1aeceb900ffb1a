import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#endif

/// The folders of the runs on this machine, each with its journal.
package struct RunFolders: Sendable {
    /// So many runs are kept; older ones are removed when a new one begins.
    package static let kept = 50

    private let path: String

    package init(_ path: String) { self.path = path }

    package static func journal(in folder: String) -> String { folder + "/journal.jsonl" }

    /// Removes all but the newest, by their names, which begin with the time. A run that goes on stays, however old it
    /// is, and so does what is no run. What cannot be removed stays until the next time.
    package func removeOld(keeping count: Int = kept) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        for name in names.sorted(by: >).dropFirst(count) {
            let folder = "\(path)/\(name)"
            guard Self.isOver(Self.journal(in: folder)) else { continue }
            // Another process may be removing it too.
            try? FileManager.default.removeItem(atPath: folder)
        }
    }

    /// A journal is there that nobody writes.
    private static func isOver(_ journal: String) -> Bool {
        let descriptor = open(journal, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return false }
        flock(descriptor, LOCK_UN)
        return true
    }
}
