/// The files of a commit, written out from git's own objects: neither the work tree nor the index is looked at.
package struct CommitTree: Sendable {
    package let commit: CommitID
    let backend: any GitBackend
    let attributes: AttributeReader

    /// Puts exactly the tree into `folder`, which is made when it is missing: no `.git`, no line-ending conversion.
    /// Submodules become empty folders. The repository is left untouched.
    package func checkOut(into folder: String) async throws {
        let folder = Folder.absolute(folder)
        try Folder.make(folder)
        try await backend.checkOut(commit, into: folder)
    }

    /// Writes a gzip'd POSIX tar with the files at its root and leaves out what `.gitattributes` marks `export-ignore`.
    ///
    /// Byte-for-byte the same for the same commit and the same zlib. Memory holds one file of up to 8 MiB at a time, and of larger ones a piece.
    /// - Throws: `unarchivableContent` for submodules, Git LFS pointers and links that lead out of the tree,
    ///   `archiveTooLarge` above 200 MiB; no file is left behind then.
    package func writeArchive(toPath path: String) async throws -> ArchiveInfo {
        let entries = try await backend.entries(of: commit)
        let plan = ArchivePlan(
            commit: try await backend.commit(commit), entries: entries,
            ignored: try await attributes.exportIgnored(entries, commit: commit, backend: backend))
        try plan.validate()
        return try await backend.writeArchive(plan, toPath: path)
    }
}
