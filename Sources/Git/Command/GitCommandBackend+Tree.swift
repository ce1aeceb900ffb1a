extension GitCommandBackend {
    func entry(at path: String, in commit: CommitID) async throws -> TreeEntry? {
        let output = try await command.run(["ls-tree", "-z", "--full-tree", commit.description, "--", path])
        return try TreeListing(output).entries.first { $0.path == path }
    }

    func entries(of commit: CommitID) async throws -> [TreeEntry] {
        try TreeListing(await command.run(["ls-tree", "-z", "-r", "-t", "--full-tree", commit.description])).entries
    }

    func contents(of entry: TreeEntry, limit: Int) async throws -> [UInt8] {
        let size = Int(try await command.run(["cat-file", "-s", entry.objectID]).text) ?? 0
        guard size <= limit else { throw GitError.tooLarge(entry.path, size: size, limit: limit) }
        return try await command.run(["cat-file", "blob", entry.objectID]).bytes
    }

    func checkOut(_ commit: CommitID, into folder: String) async throws {
        try await Folder.withTemporary { path in
            let scratch = try ScratchGitDirectory(
                path: path, objectsOf: layout, format: ObjectFormat(of: commit), base: command)
            try scratch.switchConversionsOff()
            try await scratch.git.run(["read-tree", commit.description])
            let prefix = folder.hasSuffix("/") ? folder : folder + "/"
            try await scratch.git.run([
                "--work-tree=\(path)", "checkout-index", "--all", "--force", "--prefix=\(prefix)",
            ])
        }
    }

    func writeArchive(_ plan: ArchivePlan, toPath path: String) async throws -> ArchiveInfo {
        let archive = try ArchiveFile(plan, path: path)
        let ids = plan.entries.filter { $0.kind != .directory }.map { $0.objectID + "\n" }.joined()
        try await command.stream(["cat-file", "--batch", "--buffer"], input: Array(ids.utf8)) { reader in
            for entry in plan.entries {
                let contents = entry.kind == .directory ? [] : try await Self.blob(of: entry, from: &reader)
                try contents.withUnsafeBytes { try archive.append(entry, contents: $0) }
            }
        }
        return try archive.finish()
    }

    /// `<object> blob <size>`, the contents, a line break.
    private static func blob(of entry: TreeEntry, from reader: inout OutputReader) async throws -> [UInt8] {
        let header = try await reader.line()?.split(separator: " ") ?? []
        guard header.count == 3, header[1] == "blob", let size = Int(header[2]) else {
            throw GitError.missingObject("\(entry.objectID) of \(entry.path)")
        }
        guard size <= ArchiveFile.fileLimit else {
            throw GitError.tooLarge(entry.path, size: size, limit: ArchiveFile.fileLimit)
        }
        guard let contents = try await reader.bytes(size), try await reader.bytes(1) != nil else {
            throw GitError.corruptObject("\(entry.objectID) of \(entry.path) breaks off")
        }
        return contents
    }
}
