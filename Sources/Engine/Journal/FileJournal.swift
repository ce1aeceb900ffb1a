import Dispatch
import Files
import FoundationEssentials
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A journal in a file of JSON Lines that only its owner can read.
package final class FileJournal: Journal {
    private struct State {
        /// The length of the complete lines, in bytes.
        var length: off_t = 0
        /// Whether an incomplete line may follow them.
        var isTorn = false
    }

    package let path: String
    private let descriptor: Int32
    private let syncData: @Sendable (Int32) -> Int32
    /// Done once the directory entry of the file is synced.
    private let directorySync = DispatchGroup()
    private let state = Mutex(State())

    /// Creates the file and its parent directories.
    ///
    /// Throws `JournalError` if it cannot be created or already exists.
    ///
    /// - Parameter sync: writes a file's data to disk, as `fdatasync`.
    package convenience init(
        creating path: String, sync: @escaping @Sendable (Int32) -> Int32 = { fdatasync($0) }
    ) throws {
        let folder = ParentFolder.path(of: path)
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw JournalError("cannot create directory \(folder): \(SystemErrorText.text(of: error))")
        }
        try self.init(path, flags: O_CREAT | O_EXCL, sync: sync)
    }

    /// Continues the journal of an interrupted run after its first `validLength` bytes.
    ///
    /// Throws `JournalError` if it cannot be opened, or an incomplete last line cannot be removed.
    package convenience init(continuing path: String, validLength: Int) throws {
        try self.init(path, flags: 0, sync: { fdatasync($0) })
        try state.withLock { state in
            state = State(length: off_t(validLength), isTorn: true)
            try truncate(&state)
        }
    }

    private init(_ path: String, flags: Int32, sync: @escaping @Sendable (Int32) -> Int32) throws {
        self.path = path
        syncData = sync
        descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | flags, 0o600)
        guard descriptor >= 0 else { throw JournalError.system("cannot open \(path)") }
        // Two writers would mix the events of two runs.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw JournalError("\(path) is in use by another process")
        }
        // In parallel to the start of the run; a separate queue gets a thread at once.
        DispatchQueue(label: "journal directory").async(group: directorySync) {
            Self.syncDirectory(ParentFolder.path(of: path))
        }
    }

    deinit {
        guard descriptor >= 0 else { return }
        // A child process that is just starting may still have the descriptor, so closing it would not release the lock.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    package func append(_ event: RunEvent, durably: Bool) throws {
        let line = try event.line
        try state.withLock { state in
            try truncate(&state)
            state.isTorn = true
            try write(line)
            if durably { try sync() }
            state.length += off_t(line.count)
            state.isTorn = false
        }
    }

    /// Syncs the file and waits for its directory entry; a run that changes nothing does not need this.
    private func sync() throws {
        guard syncData(descriptor) == 0 else { throw JournalError.system("cannot sync \(path)") }
        directorySync.wait()
    }

    /// Removes an incomplete last line.
    private func truncate(_ state: inout State) throws {
        guard state.isTorn else { return }
        let size = lseek(descriptor, 0, SEEK_END)
        if size > state.length, ftruncate(descriptor, state.length) != 0 {
            throw JournalError.system("cannot truncate \(path)")
        }
        state.isTorn = false
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

    /// Syncs the directory entry of a new file; file systems that cannot sync directories do not need it.
    private static func syncDirectory(_ folder: String) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}

extension JournalError {
    static func system(_ action: String) -> JournalError {
        JournalError("\(action): \(SystemErrorText.ofLastCall)")
    }
}
