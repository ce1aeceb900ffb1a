/// A gzip'd POSIX tar under construction. The same commit gives the same bytes, wherever it is read.
final class ArchiveFile {
    /// The control plane takes no larger upload (bytes).
    static let sizeLimit = 209_715_200
    /// A larger file is not even tried (bytes).
    static let fileLimit = 1 << 30
    /// A file up to this size may be held in memory while it is compressed; a larger one comes in pieces (bytes).
    static let heldLimit = 8 << 20
    /// Of a larger file; the compressor takes as much at once (bytes).
    static let pieceSize = 1 << 20

    private let gzip: GzipFile
    private let modificationTime: Int
    private var fileCount = 0

    init(_ plan: ArchivePlan, path: String, sizeLimit: Int = ArchiveFile.sizeLimit) throws {
        gzip = try GzipFile(path: path, sizeLimit: sizeLimit)
        modificationTime = plan.modificationTime
        // Where `git archive` puts it, so `git get-tar-commit-id` finds it.
        try write(
            header: TarHeader(
                name: "pax_global_header", mode: 0o666, type: .globalPax, modificationTime: modificationTime),
            contents: PaxRecord("comment", plan.commit.description).bytes)
    }

    /// - Parameter contents: the blob; ignored for a folder.
    /// - Throws: `unarchivableContent` for a Git LFS pointer and for a link that leaves the tree.
    func append(_ entry: TreeEntry, contents: UnsafeRawBufferPointer) throws {
        switch entry.kind {
        case .directory:
            try append(path: entry.path + "/", mode: 0o755, type: .directory)
        case .file(let executable):
            try LargeFilePointer.refuse(contents, path: entry.path)
            try append(path: entry.path, mode: executable ? 0o755 : 0o644, type: .file, size: contents.count)
            try write(padded: contents)
            fileCount += 1
        case .symbolicLink:
            let target = try SymbolicLink(at: entry.path, target: contents).target
            try append(path: entry.path, mode: 0o777, type: .symbolicLink, link: target)
            fileCount += 1
        case .submodule:
            throw GitError(.unarchivableContent, "\(entry.path) is a submodule")
        }
    }

    /// Begins a file whose `size` bytes come in pieces; too large to be a Git LFS pointer.
    func begin(_ entry: TreeEntry, size: Int) throws {
        guard case .file(let executable) = entry.kind else {
            throw GitError(.unarchivableContent, "\(entry.path) is too large for what it is")
        }
        try append(path: entry.path, mode: executable ? 0o755 : 0o644, type: .file, size: size)
        fileCount += 1
    }

    func write(piece: [UInt8]) throws { try gzip.write(piece) }

    /// Ends a file that came in pieces.
    func end(size: Int) throws { try pad(size) }

    func finish() throws -> ArchiveInfo {
        try gzip.write([UInt8](repeating: 0, count: 2 * TarHeader.blockSize))
        return ArchiveInfo(size: try gzip.finish(), fileCount: fileCount)
    }

    private func append(path: String, mode: Int, type: TarHeader.EntryType, size: Int = 0, link: String = "") throws {
        let header = TarHeader(
            name: path, mode: mode, type: type, modificationTime: modificationTime, size: size, link: link)
        let extended = header.extendedRecords.flatMap(\.bytes)
        if !extended.isEmpty {
            let name = TarHeader(name: "pax_header", mode: 0o644, type: .pax, modificationTime: modificationTime)
            try write(header: name, contents: extended)
        }
        try gzip.write(header.bytes)
    }

    private func write(header: TarHeader, contents: [UInt8]) throws {
        var header = header
        header.size = contents.count
        try gzip.write(header.bytes)
        try contents.withUnsafeBytes(write(padded:))
    }

    private func write(padded contents: UnsafeRawBufferPointer) throws {
        try gzip.write(contents)
        try pad(contents.count)
    }

    private func pad(_ size: Int) throws {
        let excess = size % TarHeader.blockSize
        if excess > 0 { try gzip.write([UInt8](repeating: 0, count: TarHeader.blockSize - excess)) }
    }
}
