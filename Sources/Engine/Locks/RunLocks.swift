import Files
import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#endif

/// The named locks between runs on one machine.
package struct RunLocks: Sendable {
    /// Nil if nothing is locked.
    private let folder: String?
    /// How long a job waits for a lock; nil for as long as the job's timeout.
    let waitLimit: Duration?
    /// The one spelling of a name, for names that mean the same.
    let canonicalName: @Sendable (String) -> String

    package init(
        folder: String, waitLimit: Duration? = nil,
        canonicalName: @escaping @Sendable (String) -> String = { $0 }
    ) {
        self.folder = folder
        self.waitLimit = waitLimit
        self.canonicalName = canonicalName
    }

    /// For a preview, which changes nothing.
    package static let none = RunLocks(folder: nil)

    private init(folder: String?) {
        self.folder = folder
        waitLimit = nil
        canonicalName = { $0 }
    }

    /// The acquired lock, or the current holder.
    ///
    /// - Parameter name: a canonical name.
    ///
    /// Throws `JournalError` if the lock file cannot be created.
    package func acquire(_ name: String, holder: String) throws -> Attempt {
        guard let folder else { return .notNeeded }
        let path = folder + "/" + Self.fileName(for: name)
        let descriptor = try open(path, in: folder)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let isHeld = errno == EWOULDBLOCK
            defer { close(descriptor) }
            guard isHeld else { throw JournalError.system("cannot lock \(path)") }
            return .heldBy(Self.read(descriptor) ?? "another run")
        }
        return .acquired(RunLock(name, descriptor: descriptor, holder: "\(holder), process \(getpid())"))
    }

    package enum Attempt: Sendable {
        case acquired(RunLock)
        case heldBy(String)
        case notNeeded
    }

    private func open(_ path: String, in folder: String) throws -> Int32 {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw JournalError("cannot create directory \(folder): \(SystemErrorText.text(of: error))")
        }
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw JournalError.system("cannot open \(path)") }
        return descriptor
    }

    /// Nil before the holder has written its name.
    private static func read(_ descriptor: Int32) -> String? {
        var buffer = [UInt8](repeating: 0, count: 512)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
    }

    /// A readable file name, with a hash (FNV-1a) because different names can have the same readable part.
    private static func fileName(for name: String) -> String {
        let plain = name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? String($0) : "_" }.joined()
        let hash = name.utf8.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
        return plain.prefix(80) + "-" + String(hash, radix: 16) + ".lock"
    }
}

/// A held lock, released with this object, or by the kernel when the process ends.
package final class RunLock: Sendable {
    let name: String
    private let holder: String
    private let descriptor: Int32

    /// Takes ownership of a descriptor that holds the lock, and writes the holder into the file.
    init(_ name: String, descriptor: Int32, holder: String) {
        self.name = name
        self.descriptor = descriptor
        self.holder = holder
        write(holder)
    }

    /// Shows the commit to waiting runs.
    func setCommit(_ commit: String) { write("\(holder), commit \(commit.prefix(12))") }

    deinit {
        ftruncate(descriptor, 0)
        // A child process that is just starting may still have the descriptor, so closing it would not release the lock.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Writes the holder for waiting runs; errors are ignored, because the lock is valid without it.
    private func write(_ holder: String) {
        var holder = holder
        ftruncate(descriptor, 0)
        holder.withUTF8 { _ = pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }
}
