import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#endif

/// Keeps the newest runs on this machine, each a directory with its journal.
package struct RunRetention: Sendable {
    /// How many runs that changed something are kept, and as many that did not; older ones are removed when a new one
    /// starts.
    package static let kept = 50
    private static let unchangedMark = "/unchanged"

    private let path: String

    package init(_ path: String) { self.path = path }

    package static func journal(in folder: String) -> String { folder + "/journal.jsonl" }

    /// Removes all but the newest runs, by their names, which start with the time. Keeps active runs and everything that is
    /// not a run; what cannot be removed is tried again next time.
    package func removeOld(keeping count: Int = kept) {
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted(by: >)
        let isUnchanged = { (name: String) in
            FileManager.default.fileExists(atPath: "\(path)/\(name)\(Self.unchangedMark)")
        }
        let unchanged = names.filter(isUnchanged)
        let others = names.filter { !isUnchanged($0) }
        for name in unchanged.dropFirst(count) + others.dropFirst(count) {
            let folder = "\(path)/\(name)"
            guard Self.isInactive(Self.journal(in: folder)) else { continue }
            // Another process may be removing it too.
            try? FileManager.default.removeItem(atPath: folder)
        }
    }

    /// Marks a run that changed nothing, so that such runs do not crowd out the records of changes; a run that goes on
    /// may change something after all.
    package func mark(_ run: RunID, isUnchanged: Bool) {
        let mark = "\(path)/\(run)\(Self.unchangedMark)"
        // Without the mark the run is only kept longer.
        if isUnchanged { _ = FileManager.default.createFile(atPath: mark, contents: nil) } else { unlink(mark) }
    }

    /// Whether the journal exists and no process writes it.
    static func isInactive(_ journal: String) -> Bool { isLocked(journal) == false }

    /// Whether a process on this machine writes the journal.
    package static func isActive(_ journal: String) -> Bool { isLocked(journal) == true }

    /// Nil if the journal cannot be opened.
    private static func isLocked(_ journal: String) -> Bool? {
        let descriptor = open(journal, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return errno == EWOULDBLOCK ? true : nil }
        flock(descriptor, LOCK_UN)
        return false
    }
}
