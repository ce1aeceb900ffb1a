import FoundationEssentials

/// This lists the contents of a source archive, decided before the first byte is written.
struct ArchivePlan: Sendable {
    let commit: CommitID
    /// The committer's time in seconds since 1970, used for every entry.
    let modificationTime: Int
    let entries: [TreeEntry]

    /// - Parameter ignored: positions of the entries marked `export-ignore`; a folder includes its contents.
    init(commit: Commit, entries: [TreeEntry], ignored: Set<Int>) {
        self.commit = commit.id
        modificationTime = max(0, Int(commit.committedAt.timeIntervalSince1970))
        self.entries = Self.dropEmptyFolders(Self.drop(ignored, from: entries))
    }

    /// Throws `unarchivableContent` for a submodule, whose files are in another repository.
    func validate() throws(GitError) {
        guard let submodule = entries.first(where: { $0.kind == .submodule }) else { return }
        throw GitError(
            .unarchivableContent, "cannot archive submodule \(submodule.path): its files are not in this repository",
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

    /// git has no empty folders, so a folder whose contents are all ignored is dropped too.
    private static func dropEmptyFolders(_ entries: [TreeEntry]) -> [TreeEntry] {
        var kept: [TreeEntry] = []
        for entry in entries.reversed() {
            if entry.kind == .directory, kept.last.map(entry.contains) != true { continue }
            kept.append(entry)
        }
        return kept.reversed()
    }
}

/// This reads which files `.gitattributes` excludes from archives.
///
/// It asks `git`: libgit2 mixes in attributes of the working tree or the index, and treats `docs/` as a file.
struct AttributeReader: Sendable {
    private static let fileName = ".gitattributes"
    /// Larger attributes files are an error (bytes).
    private static let fileLimit = 1 << 20

    let git: GitCommand
    let layout: RepositoryLayout

    /// Returns the positions of the entries marked `export-ignore`. Starts `git` only when needed.
    func exportIgnored(_ entries: [TreeEntry], commit: CommitID, backend: any GitBackend) async throws -> Set<Int> {
        guard try await isMentioned(in: entries, backend: backend) else { return [] }
        return try await ScratchGitDirectory.withTemporary(objectsOf: layout, commit: commit, base: git) { scratch in
            try await scratch.git.run(["read-tree", commit.description])
            // The slash marks a folder: a pattern such as `docs/` matches only folders.
            let names = entries.map { $0.kind == .directory ? "\($0.path)/\0" : "\($0.path)\0" }.joined()
            let answer = try await scratch.git.run(
                ["check-attr", "--cached", "--stdin", "-z", "export-ignore"], input: Array(names.utf8))
            return try Self.positions(in: answer, of: entries)
        }
    }

    private func isMentioned(in entries: [TreeEntry], backend: any GitBackend) async throws -> Bool {
        for entry in entries where entry.path == Self.fileName || entry.path.hasSuffix("/\(Self.fileName)") {
            guard case .file = entry.kind else { continue }
            let text = try await backend.contents(of: entry, limit: Self.fileLimit)
            if String(decoding: text, as: UTF8.self).contains("export-ignore") { return true }
        }
        return false
    }

    /// The output has three fields for each path, in input order: path, attribute, value.
    private static func positions(in answer: GitOutput, of entries: [TreeEntry]) throws(GitError) -> Set<Int> {
        let fields = answer.records
        guard fields.count == 3 * entries.count else {
            throw GitError(
                .other, "git check-attr: unexpected output, \(fields.count) fields for \(entries.count) paths")
        }
        return Set(entries.indices.filter { fields[3 * $0 + 2].elementsEqual("set".utf8) })
    }
}
