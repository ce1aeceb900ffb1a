import CZlib
import Files

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// This writes a POSIX tar.gz. The same commit gives the same bytes with every backend.
final class ArchiveFile {
    /// The largest upload that the control plane accepts (bytes).
    static let sizeLimit = 209_715_200
    /// The largest file that is read (bytes).
    static let fileLimit = 1 << 30
    /// The largest file that is compressed as a whole from memory; larger ones are streamed in pieces (bytes).
    static let heldLimit = 8 << 20
    /// The size of these pieces, which is also what the compressor takes at once (bytes).
    static let pieceSize = 1 << 20

    private let gzip: GzipFile
    private let modificationTime: Int
    private var fileCount = 0

    init(_ plan: ArchivePlan, path: String, sizeLimit: Int = ArchiveFile.sizeLimit) throws {
        gzip = try GzipFile(path: path, sizeLimit: sizeLimit)
        modificationTime = plan.modificationTime
        // In the same place as in `git archive`, so `git get-tar-commit-id` finds it.
        try write(
            header: TarHeader(
                name: "pax_global_header", mode: 0o666, type: .globalPax, modificationTime: modificationTime),
            contents: PaxRecord("comment", plan.commit.description).bytes)
    }

    /// - Parameter contents: the blob; ignored for a folder.
    /// - Throws: `unarchivableContent` for a Git LFS pointer.
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
            guard let target = String(validating: contents, as: UTF8.self) else {
                throw GitError(.unarchivableContent, "symbolic link target is not UTF-8: \(entry.path)")
            }
            try append(path: entry.path, mode: 0o777, type: .symbolicLink, link: target)
            fileCount += 1
        case .submodule:
            throw GitError(.unarchivableContent, "cannot archive submodule \(entry.path)")
        }
    }

    /// Begins a file whose `size` bytes are written in pieces; it is too large to be a Git LFS pointer.
    func begin(_ entry: TreeEntry, size: Int) throws {
        guard case .file(let executable) = entry.kind else {
            throw GitError(.unarchivableContent, "cannot archive \(entry.path): too large for a symbolic link")
        }
        try append(path: entry.path, mode: executable ? 0o755 : 0o644, type: .file, size: size)
        fileCount += 1
    }

    func write(piece: [UInt8]) throws { try gzip.write(piece) }

    /// Ends a file that was written in pieces.
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

/// This describes an archive that was written.
package struct ArchiveInfo: Equatable, Sendable {
    /// Compressed, in bytes.
    package let size: Int
    /// Files and symbolic links; folders are not counted.
    package let fileCount: Int
}

/// This detects the pointer that Git LFS commits in place of a large file.
private enum LargeFilePointer {
    private static let firstLine = "version https://git-lfs.github.com/spec/v1\n"
    /// The size below which a pointer file stays, from the specification (bytes).
    private static let sizeLimit = 1024

    static func refuse(_ contents: UnsafeRawBufferPointer, path: String) throws(GitError) {
        guard contents.count < sizeLimit, contents.starts(with: firstLine.utf8) else { return }
        throw GitError(
            .unarchivableContent, "cannot archive Git LFS pointer \(path): the file itself is not in the commit",
            hint: "store the file outside Git LFS, or mark it export-ignore in .gitattributes")
    }
}

/// This writes a gzip file, and removes it again unless it is finished.
///
/// zlib writes no name and no time into the header, so equal contents give equal bytes.
final class GzipFile {
    private let path: String
    private let file: gzFile
    private let sizeLimit: Int
    private var isOpen = true

    /// - Parameter sizeLimit: of the compressed file, in bytes.
    init(path: String, sizeLimit: Int) throws(GitError) {
        // e: close on exec, so that no child process inherits it.
        guard let file = gzopen(path, "wbe") else {
            throw GitError(.fileSystem, "cannot write \(path): \(SystemErrorText.ofLastCall)")
        }
        self.path = path
        self.file = file
        self.sizeLimit = sizeLimit
    }

    deinit {
        guard isOpen else { return }
        // The contents are discarded, so an error on closing does not matter.
        gzclose(file)
        unlink(path)
    }

    /// Throws `archiveTooLarge` soon after the limit is exceeded, before all contents are compressed.
    func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            try Task.checkCancellation()
            let chunk = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 20))
            guard gzwrite(file, chunk.baseAddress, UInt32(chunk.count)) == Int32(chunk.count) else { throw failure() }
            rest = rest.dropFirst(chunk.count)
            try check(size: Int(gzoffset(file)))
        }
    }

    func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes(write)
    }

    /// Returns the compressed size in bytes.
    func finish() throws -> Int {
        guard gzflush(file, Z_FINISH) == Z_OK else { throw failure() }
        let size = Int(gzoffset(file))
        try check(size: size)
        isOpen = false
        guard gzclose(file) == Z_OK else {
            unlink(path)
            throw GitError(.fileSystem, "cannot finish writing \(path)")
        }
        return size
    }

    private func check(size: Int) throws(GitError) {
        guard size > sizeLimit else { return }
        throw GitError(
            .archiveTooLarge, "source archive too large: more than \(sizeLimit) bytes",
            hint: "mark files that the deployment does not need as export-ignore in .gitattributes")
    }

    private func failure() -> GitError {
        var code: Int32 = 0
        let message = gzerror(file, &code).map { String(cString: $0) } ?? "unknown error"
        return GitError(.fileSystem, "cannot write \(path): \(message)")
    }
}
