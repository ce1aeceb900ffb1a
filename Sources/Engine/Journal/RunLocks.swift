import Files
import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#endif

/// The locks by name between the runs of one machine.
package struct RunLocks: Sendable {
    private let folder: String
    /// How long a job waits for a lock; nil for as long as the job itself may take.
    let patience: Duration?

    package init(folder: String, patience: Duration? = nil) {
        self.folder = folder
        self.patience = patience
    }

    /// The lock, or who holds it.
    ///
    /// Throws `JournalError` when the lock's file cannot be made.
    package func take(_ name: String, holder: String) throws -> Attempt {
        let path = folder + "/" + Self.fileName(for: name)
        let descriptor = try open(path)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let isHeld = errno == EWOULDBLOCK
            defer { close(descriptor) }
            guard isHeld else { throw JournalError.system("cannot lock \(path)") }
            return .heldBy(Self.read(descriptor) ?? "another run")
        }
        return .taken(RunLock(name, descriptor: descriptor, holder: "\(holder), process \(getpid())"))
    }

    package enum Attempt: Sendable {
        case taken(RunLock)
        case heldBy(String)
    }

    private func open(_ path: String) throws -> Int32 {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw JournalError("cannot make the folder \(folder): \(SystemErrorText.text(of: error))")
        }
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw JournalError.system("cannot open \(path)") }
        return descriptor
    }

    /// Nil between the moment somebody takes the lock and the moment their name is in it.
    private static func read(_ descriptor: Int32) -> String? {
        var buffer = [UInt8](repeating: 0, count: 512)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
    }

    /// Readable, and different for names that only differ in what a file's name cannot hold (FNV-1a).
    private static func fileName(for name: String) -> String {
        let plain = name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? String($0) : "_" }.joined()
        let hash = name.utf8.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
        return plain.prefix(80) + "-" + String(hash, radix: 16) + ".lock"
    }
}

/// A held lock; it ends with this object, and the kernel lets go of it when its process ends, however it ends.
package final class RunLock: Sendable {
    let name: String
    private let holder: String
    private let descriptor: Int32

    /// Takes over a descriptor that holds the lock of that name, and says in it for whom.
    init(_ name: String, descriptor: Int32, holder: String) {
        self.name = name
        self.descriptor = descriptor
        self.holder = holder
        write(holder)
    }

    /// Those who wait see what is deployed too.
    func name(commit: String) { write("\(holder), commit \(commit.prefix(12))") }

    deinit {
        ftruncate(descriptor, 0)
        // A child that is just being started may still have the descriptor: closing ours alone would not let go.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Names the holder for those who wait; the lock holds without it too.
    private func write(_ holder: String) {
        var holder = holder
        ftruncate(descriptor, 0)
        holder.withUTF8 { _ = pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }
}
