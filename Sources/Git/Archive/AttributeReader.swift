/// Says which files `.gitattributes` keeps out of archives.
///
/// Asks `git`: libgit2 answers only with the work tree or the index mixed in, and takes `docs/` for a file.
struct AttributeReader: Sendable {
    private static let fileName = ".gitattributes"
    /// A longer one is not looked into here: git is asked (bytes).
    private static let fileLimit = 1 << 20

    let git: GitCommand
    let layout: RepositoryLayout

    /// The positions of the entries marked `export-ignore`. Starts no child when no file mentions the attribute.
    func exportIgnored(_ entries: [TreeEntry], commit: CommitID, backend: any GitBackend) async throws -> Set<Int> {
        guard try await isMentioned(in: entries, backend: backend) else { return [] }
        return try await Folder.withTemporary { path in
            let scratch = try ScratchGitDirectory(
                path: path, objectsOf: layout, format: ObjectFormat(of: commit), base: git)
            try await scratch.git.run(["read-tree", commit.description])
            // The slash tells git that it is a folder, which `docs/` in an attributes file matches alone.
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

    /// Three fields for each path asked about, in the same order: path, attribute, value.
    private static func positions(in answer: GitOutput, of entries: [TreeEntry]) throws(GitError) -> Set<Int> {
        let fields = answer.records
        guard fields.count == 3 * entries.count else {
            throw GitError(.other, "git check-attr answered \(fields.count) fields for \(entries.count) paths")
        }
        return Set(entries.indices.filter { fields[3 * $0 + 2].elementsEqual("set".utf8) })
    }
}
