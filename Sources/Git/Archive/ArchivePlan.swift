import FoundationEssentials

/// What goes into an archive, decided before the first byte is written.
struct ArchivePlan: Sendable {
    let commit: CommitID
    /// Every entry carries it: the committer's time, in seconds.
    let modificationTime: Int
    let entries: [TreeEntry]

    /// - Parameter ignored: positions of the entries marked `export-ignore`; a folder stands for all it contains.
    init(commit: Commit, entries: [TreeEntry], ignored: Set<Int>) {
        self.commit = commit.id
        modificationTime = max(0, Int(commit.committedAt.timeIntervalSince1970))
        self.entries = Self.dropEmptyFolders(Self.drop(ignored, from: entries))
    }

    /// Throws `unarchivableContent` for a submodule, whose files are in another repository.
    func validate() throws(GitError) {
        guard let submodule = entries.first(where: { $0.kind == .submodule }) else { return }
        throw GitError(
            .unarchivableContent, "\(submodule.path) is a submodule: its files are not in this repository",
            hint: "deploy with --source github, or mark it export-ignore in .gitattributes")
    }

    private static func drop(_ ignored: Set<Int>, from entries: [TreeEntry]) -> [TreeEntry] {
        guard !ignored.isEmpty else { return entries }
        var skipped: TreeEntry?
        return entries.enumerated().compactMap { position, entry in
            if let skipped, skipped.contains(entry) { return nil }
            skipped = nil
            guard ignored.contains(position) else { return entry }
            if entry.kind == .directory { skipped = entry }
            return nil
        }
    }

    /// git has no empty folders; one whose whole contents are ignored would be the only kind.
    private static func dropEmptyFolders(_ entries: [TreeEntry]) -> [TreeEntry] {
        var kept: [TreeEntry] = []
        for entry in entries.reversed() {
            if entry.kind == .directory, kept.last.map(entry.contains) != true { continue }
            kept.append(entry)
        }
        return kept.reversed()
    }
}
