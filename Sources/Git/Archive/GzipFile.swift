import CZlib
import Files

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A gzip file under construction; one that was not finished is removed again.
///
/// zlib writes no name and no time into the header, so equal contents give equal bytes.
final class GzipFile {
    private let path: String
    private let file: gzFile
    private let sizeLimit: Int
    private var isOpen = true

    /// - Parameter sizeLimit: of the compressed file, in bytes.
    init(path: String, sizeLimit: Int) throws(GitError) {
        // e: closed on exec, so that no child inherits it.
        guard let file = gzopen(path, "wbe") else {
            throw GitError(.fileSystem, "cannot write \(path): \(SystemErrorText.ofLastCall)")
        }
        self.path = path
        self.file = file
        self.sizeLimit = sizeLimit
    }

    deinit {
        guard isOpen else { return }
        // The contents are thrown away: what closing says about them does not matter.
        gzclose(file)
        unlink(path)
    }

    /// Throws `archiveTooLarge` soon after the limit is passed, not after the whole was compressed.
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
            .archiveTooLarge, "the archive of the commit is larger than \(sizeLimit) bytes",
            hint: "mark what the deployment does not need export-ignore in .gitattributes")
    }

    private func failure() -> GitError {
        var code: Int32 = 0
        let message = gzerror(file, &code).map { String(cString: $0) } ?? "unknown error"
        return GitError(.fileSystem, "cannot write \(path): \(message)")
    }
}
