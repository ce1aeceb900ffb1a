import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#endif

/// A journal as a file of JSON Lines that only its owner may read.
package final class FileJournal: Journal {
    package let path: String
    private let descriptor: Int32

    /// Makes the file, and the folders above it.
    ///
    /// Throws `JournalError` when it cannot be made or exists already.
    package convenience init(creating path: String) throws {
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try self.init(path, flags: O_CREAT | O_EXCL)
        Self.syncFolder(folder)
    }

    /// Goes on with the journal of an interrupted run; a torn last line must have been cut off before.
    package convenience init(continuing path: String) throws {
        try self.init(path, flags: 0)
    }

    private init(_ path: String, flags: Int32) throws {
        self.path = path
        descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | flags, 0o600)
        guard descriptor >= 0 else { throw JournalError.system("cannot open \(path)") }
    }

    deinit { close(descriptor) }

    package func append(_ event: RunEvent, durably: Bool) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var line = try encoder.encode(event)
        line.append(UInt8(ascii: "\n"))
        try write(line)
        if durably, fdatasync(descriptor) != 0 { throw JournalError.system("cannot sync \(path)") }
    }

    private func write(_ data: Data) throws {
        var rest = data[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 {
                if errno == EINTR { continue }
                throw JournalError.system("cannot write \(path)")
            }
            rest = rest.dropFirst(written)
        }
    }

    /// A new file is only safe once its folder knows it; a file system that cannot sync folders needs no help.
    private static func syncFolder(_ folder: String) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}

extension JournalError {
    static func system(_ action: String) -> JournalError {
        JournalError("\(action): \(String(cString: strerror(errno)))")
    }
}
