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

    func linkTargets(of entries: [TreeEntry]) async throws -> [String: String] {
        let links = entries.filter { $0.kind == .symbolicLink }
        guard !links.isEmpty else { return [:] }
        var targets: [String: String] = [:]
        let ids = links.map { $0.objectID + "\n" }.joined()
        try await command.stream(["cat-file", "--batch", "--buffer"], input: Array(ids.utf8)) { reader in
            for link in links {
                let size = try await Self.size(of: link, from: &reader)
                let target = try await Self.bytes(size, of: link, from: &reader)
                targets[link.path] = String(decoding: target, as: UTF8.self)
                _ = try await Self.bytes(1, of: link, from: &reader)
            }
        }
        return targets
    }

    func checkOut(_ commit: CommitID, into folder: String) async throws {
        try await ScratchGitDirectory.withTemporary(objectsOf: layout, commit: commit, base: command) { scratch in
            try scratch.disableConversions()
            try await scratch.git.run(["read-tree", commit.description])
            let prefix = folder.hasSuffix("/") ? folder : folder + "/"
            try await scratch.git.run([
                "--work-tree=\(scratch.git.folder)", "checkout-index", "--all", "--force", "--prefix=\(prefix)",
            ])
        }
    }

    func writeArchive(_ plan: ArchivePlan, toPath path: String) async throws -> ArchiveInfo {
        let archive = try ArchiveFile(plan, path: path)
        let ids = plan.entries.filter { $0.kind != .directory }.map { $0.objectID + "\n" }.joined()
        // git holds files below this size in memory as a whole.
        let threshold = "core.bigFileThreshold=\(ArchiveFile.heldLimit)"
        try await command.stream(["-c", threshold, "cat-file", "--batch", "--buffer"], input: Array(ids.utf8)) {
            reader in
            for entry in plan.entries {
                try await Self.append(entry, from: &reader, to: archive, replacedBy: plan.substituted[entry.path])
            }
        }
        return try archive.finish()
    }

    private static func append(
        _ entry: TreeEntry, from reader: inout OutputReader, to archive: ArchiveFile,
        replacedBy substituted: [UInt8]?
    ) async throws {
        guard entry.kind != .directory else {
            return try archive.append(entry, contents: UnsafeRawBufferPointer(start: nil, count: 0))
        }
        let size = try await size(of: entry, from: &reader)
        if size <= ArchiveFile.heldLimit {
            let contents = try await bytes(size, of: entry, from: &reader)
            try (substituted ?? contents).withUnsafeBytes { try archive.append(entry, contents: $0) }
        } else {
            try archive.begin(entry, size: size)
            for start in stride(from: 0, to: size, by: ArchiveFile.pieceSize) {
                let count = min(ArchiveFile.pieceSize, size - start)
                try archive.write(piece: await bytes(count, of: entry, from: &reader))
            }
            try archive.end(size: size)
        }
        // The line break after the contents.
        _ = try await bytes(1, of: entry, from: &reader)
    }

    /// `<object> blob <size>`
    private static func size(of entry: TreeEntry, from reader: inout OutputReader) async throws -> Int {
        let header = try await reader.line()?.split(separator: " ") ?? []
        guard header.count == 3, header[1] == "blob", let size = Int(header[2]) else {
            throw GitError.missingObject("\(entry.objectID) (\(entry.path))")
        }
        guard size <= ArchiveFile.fileLimit else {
            throw GitError.tooLarge(entry.path, size: size, limit: ArchiveFile.fileLimit)
        }
        return size
    }

    private static func bytes(
        _ count: Int, of entry: TreeEntry, from reader: inout OutputReader
    ) async throws -> [UInt8] {
        guard let bytes = try await reader.bytes(count) else {
            throw GitError.corruptObject("\(entry.objectID) (\(entry.path)) is truncated")
        }
        return bytes
    }
}

/// This parses the output of `git ls-tree -z`.
private struct TreeListing {
    let entries: [TreeEntry]

    init(_ output: GitOutput) throws {
        entries = try output.records.map(Self.entry)
    }

    /// `<mode> <type> <object>\t<path>`
    private static func entry(_ record: ArraySlice<UInt8>) throws -> TreeEntry {
        let halves = record.split(separator: UInt8(ascii: "\t"), maxSplits: 1)
        let fields = halves.first?.split(separator: UInt8(ascii: " ")) ?? []
        guard halves.count == 2, fields.count == 3,
            let mode = UInt32(String(decoding: fields[0], as: UTF8.self), radix: 8)
        else { throw GitError(.other, "git ls-tree: unexpected line: \(String(decoding: record, as: UTF8.self))") }
        return TreeEntry(path: halves[1], mode: mode, objectID: String(decoding: fields[2], as: UTF8.self))
    }
}
