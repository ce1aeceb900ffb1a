import Files
import FoundationEssentials
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// The named locks between runs on one machine.
package struct RunLocks: Sendable {
    /// Nil if nothing is locked.
    private let folder: String?
    /// How long a job waits for a lock; nil for as long as the job's timeout.
    let waitLimit: Duration?
    /// The journal of a run on this machine; nil if unknown.
    private let journal: @Sendable (RunID) -> String?
    /// The one spelling of a name, for names that mean the same.
    let canonicalName: @Sendable (String) -> String

    package init(
        folder: String, waitLimit: Duration? = nil,
        journal: @escaping @Sendable (RunID) -> String? = { _ in nil },
        canonicalName: @escaping @Sendable (String) -> String = { $0 }
    ) {
        self.journal = journal
        self.folder = folder
        self.waitLimit = waitLimit
        self.canonicalName = canonicalName
    }

    /// For a preview, which changes nothing.
    package static let none = RunLocks(folder: nil)

    private init(folder: String?) {
        self.folder = folder
        waitLimit = nil
        journal = { _ in nil }
        canonicalName = { $0 }
    }

    /// The acquired lock, or the current holder.
    ///
    /// - Parameters:
    ///   - name: a canonical name.
    ///   - holder: for waiting runs.
    ///   - run: the run that acquires it.
    ///
    /// Throws `JournalError` if the lock file cannot be created.
    package func acquire(_ name: String, holder: String, run: RunID? = nil) throws -> Attempt {
        guard let folder else { return .notNeeded }
        let path = folder + "/" + Self.fileName(for: name)
        let descriptor = try open(path, in: folder)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let isHeld = errno == EWOULDBLOCK
            defer { close(descriptor) }
            guard isHeld else { throw JournalError.system("cannot lock \(path)") }
            return .heldBy(Self.read(descriptor)?.holder ?? "another run")
        }
        let dead = Self.read(descriptor)?.run
        let lock = RunLock(
            name, descriptor: descriptor, content: .init(holder: "\(holder), process \(getpid())", run: run))
        return .acquired(lock, from: dead == run ? nil : dead)
    }

    /// What a run that was killed left running; nil if a process continues the run, whose programs are its own, or its
    /// journal is gone.
    func leftoverPrograms(of run: RunID) -> LeftoverPrograms? {
        guard let path = journal(run), RunRetention.isInactive(path),
            let data = FileManager.default.contents(atPath: path), let reader = try? JournalReader(data)
        else { return nil }
        return LeftoverPrograms(of: run, events: reader.events)
    }

    package enum Attempt: Sendable {
        /// `from` is the run that held it until it was killed; nil if the last holder released it.
        case acquired(RunLock, from: RunID?)
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

    /// Nil if nobody holds it, or the holder has not written its name yet.
    private static func read(_ descriptor: Int32) -> RunLock.Content? {
        var buffer = [UInt8](repeating: 0, count: 512)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? RunLock.Content(String(decoding: buffer.prefix(count), as: UTF8.self)) : nil
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
    /// The text of the file: a line for people, and the run.
    struct Content: Sendable {
        var holder: String
        var run: RunID?

        init(holder: String, run: RunID?) {
            self.holder = holder
            self.run = run
        }

        init(_ text: String) {
            let lines = text.split(separator: "\n")
            holder = lines.first.map(String.init) ?? ""
            run = lines.dropFirst().first.map { RunID(rawValue: String($0)) }
        }

        var text: String { "\(holder)\n\(run.map { "\($0)\n" } ?? "")" }
    }

    let name: String
    private let content: Content
    private let descriptor: Int32
    /// What the file has after the release.
    private let left = Mutex<Content?>(nil)

    /// Takes ownership of a descriptor that holds the lock, and writes the holder into the file.
    init(_ name: String, descriptor: Int32, content: Content) {
        self.name = name
        self.descriptor = descriptor
        self.content = content
        write(content)
    }

    /// Shows the commit to waiting runs.
    func setCommit(_ commit: String) {
        write(Content(holder: "\(content.holder), commit \(commit.prefix(12))", run: content.run))
    }

    /// Leaves the lock as a killed run left it, because its programs could not be ended.
    func leave(to run: RunID) {
        left.withLock { $0 = Content(holder: "run \(run), which was killed", run: run) }
    }

    deinit {
        if let left = left.withLock(\.self) { write(left) } else { ftruncate(descriptor, 0) }
        // A child process that is just starting may still have the descriptor, so closing it would not release the lock.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Writes the holder for waiting runs; errors are ignored, because the lock is valid without it.
    private func write(_ content: Content) {
        var text = content.text
        ftruncate(descriptor, 0)
        text.withUTF8 { _ = pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }
}
