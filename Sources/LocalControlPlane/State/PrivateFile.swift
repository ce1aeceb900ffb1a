import Foundation

/// Writes files that only their owner may read, whole or not at all.
enum PrivateFile {
    /// - Throws: `PlaneError` when the file cannot be written.
    static func write(_ data: Data, to file: URL) throws {
        let temporary = file.appendingPathExtension("new")
        // A left-over of a crash would keep its own permissions.
        _ = unlink(temporary.path())
        let descriptor = open(temporary.path(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(file) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try handle.write(contentsOf: data)
            try handle.synchronize()
            try handle.close()
        } catch {
            throw PlaneError(.stateUnusable, "cannot write \(file.path()): \(error.localizedDescription)")
        }
        guard rename(temporary.path(), file.path()) == 0 else { throw failure(file) }
    }

    private static func failure(_ file: URL) -> PlaneError {
        PlaneError(.stateUnusable, "cannot write \(file.path()): \(String(cString: strerror(errno)))")
    }
}
