import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#endif

/// A lock by name between the runs of one machine; the kernel lets go of it when its process ends, however it ends.
package struct RunLocks: Sendable {
    private let folder: String

    package init(folder: String) { self.folder = folder }

    /// The lock, or nil and who holds it.
    ///
    /// Throws `JournalError` when the lock's file cannot be made.
    package func take(_ name: String, holder: String) throws -> Attempt {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let path = folder + "/" + Self.fileName(for: name)
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw JournalError.system("cannot open \(path)") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let isHeld = errno == EWOULDBLOCK
            defer { close(descriptor) }
            guard isHeld else { throw JournalError.system("cannot lock \(path)") }
            return .heldBy(Self.read(descriptor))
        }
        let held = RunLock(descriptor: descriptor)
        ftruncate(descriptor, 0)
        _ = holder.utf8.withContiguousStorageIfAvailable { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        return .taken(held)
    }

    package enum Attempt: Sendable {
        case taken(RunLock)
        case heldBy(String)
    }

    private static func read(_ descriptor: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 512)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
    }

    private static func fileName(for name: String) -> String {
        let plain = name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? String($0) : "_" }.joined()
        let hash = name.utf8.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
        return plain.prefix(80) + "-" + String(hash, radix: 16) + ".lock"
    }
}

/// A held lock; it ends with this object.
package final class RunLock: Sendable {
    private let descriptor: Int32

    fileprivate init(descriptor: Int32) { self.descriptor = descriptor }

    deinit {
        ftruncate(descriptor, 0)
        close(descriptor)
    }
}
