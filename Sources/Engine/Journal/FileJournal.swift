import FoundationEssentials
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A journal as a file of JSON Lines that only its owner may read. What cannot be written whole is not there at all.
package final class FileJournal: Journal {
    package let path: String
    private let descriptor: Int32
    /// The length of the whole lines in the file, in bytes.
    private let length: Mutex<off_t>

    /// Makes the file, and the folders above it.
    ///
    /// Throws `JournalError` when it cannot be made or exists already.
    package convenience init(creating path: String) throws {
        let folder = Self.folder(of: path)
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw JournalError("cannot make the folder \(folder): \(error)")
        }
        try self.init(path, flags: O_CREAT | O_EXCL)
        Self.syncFolder(folder)
    }

    /// Goes on with the journal of an interrupted run, after the `validLength` that its reader found.
    ///
    /// Throws `JournalError` when it cannot be opened, or a torn last line cannot be cut off.
    package convenience init(continuing path: String, validLength: Int) throws {
        try self.init(path, flags: 0)
        try length.withLock { length in
            length = off_t(validLength)
            try cut(to: length)
        }
    }

    private init(_ path: String, flags: Int32) throws {
        self.path = path
        descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | flags, 0o600)
        length = Mutex(0)
        guard descriptor >= 0 else { throw JournalError.system("cannot open \(path)") }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    package func append(_ event: RunEvent, durably: Bool) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var line = try encoder.encode(event)
        line.append(UInt8(ascii: "\n"))
        try length.withLock { length in
            do {
                try write(line)
                if durably, fdatasync(descriptor) != 0 { throw JournalError.system("cannot sync \(path)") }
                length += off_t(line.count)
            } catch {
                // Half a line would spoil the next one; when this fails too, the next append fails the same way.
                try cut(to: length)
                throw error
            }
        }
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

    private func cut(to length: off_t) throws {
        guard ftruncate(descriptor, length) == 0 else { throw JournalError.system("cannot cut off \(path)") }
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
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
