/// This writes the files of a commit to disk from git objects; it reads neither the working tree nor the index.
package struct CommitTree: Sendable {
    package let commit: CommitID
    let backend: any GitBackend
    let attributes: AttributeReader

    /// Checks out the tree into `folder`, creating it when missing: no `.git`, no line-ending conversion.
    /// Submodules become empty folders. The repository does not change.
    package func checkOut(into folder: String) async throws {
        let folder = Folder.absolute(folder)
        try Folder.create(folder)
        try await backend.checkOut(commit, into: folder)
    }

    /// Writes a POSIX tar.gz with the files at its root, without files marked `export-ignore` in `.gitattributes` and
    /// with the placeholders of those marked `export-subst` replaced, as `git archive` does.
    ///
    /// The same commit and the same zlib give the same bytes. Memory holds one file of up to 8 MiB at a time; larger
    /// files are streamed.
    /// - Throws: `unarchivableContent` for submodules, Git LFS pointers and links that point outside the tree,
    ///   `archiveTooLarge` above 200 MiB; no file remains then.
    package func writeArchive(toPath path: String) async throws -> ArchiveInfo {
        let entries = try await backend.entries(of: commit)
        let marked = try await attributes.read(entries, commit: commit, backend: backend)
        var plan = ArchivePlan(
            commit: try await backend.commit(commit), entries: entries, ignored: marked.ignored)
        try plan.validate(links: try await backend.linkTargets(of: plan.entries))
        if !marked.substituted.isEmpty {
            let files = plan.entries.filter { marked.substituted.contains($0.path) }
            plan.substituted = try await SubstitutedFiles(git: attributes.git, commit: commit)
                .read(files, backend: backend)
        }
        return try await backend.writeArchive(plan, toPath: path)
    }
}

/// This is one entry of a commit's tree.
struct TreeEntry: Equatable, Sendable {
    enum Kind: Equatable, Sendable {
        case directory
        case file(executable: Bool)
        case symbolicLink
        case submodule
    }

    /// Relative to the root of the tree, without a leading or trailing slash.
    ///
    /// Repaired where it is not UTF-8: `rawPath` then has its bytes.
    let path: String
    let kind: Kind
    let objectID: String
    let rawPath: [UInt8]?

    init(path: String, kind: Kind, objectID: String) {
        self.init(path: path, kind: kind, objectID: objectID, rawPath: nil)
    }

    private init(path: String, kind: Kind, objectID: String, rawPath: [UInt8]?) {
        self.path = path
        self.kind = kind
        self.objectID = objectID
        self.rawPath = rawPath
    }

    /// The path as git stores it.
    var pathBytes: [UInt8] { rawPath ?? Array(path.utf8) }

    /// - Parameter mode: as git stores it; any executable bit makes the file executable, as in git.
    init(path bytes: some Sequence<UInt8>, mode: UInt32, objectID: String) {
        let bytes = Array(bytes)
        let path = String(decoding: bytes, as: UTF8.self)
        let kind: Kind =
            switch mode & 0o170000 {
            case 0o040000: .directory
            case 0o120000: .symbolicLink
            case 0o160000: .submodule
            default: .file(executable: mode & 0o111 != 0)
            }
        self.init(path: path, kind: kind, objectID: objectID, rawPath: path.utf8.elementsEqual(bytes) ? nil : bytes)
    }

    /// Whether the other entry is below this folder at any depth. Compares bytes, as git does.
    func contains(_ other: TreeEntry) -> Bool {
        other.path.utf8.starts(with: (path + "/").utf8)
    }
}
