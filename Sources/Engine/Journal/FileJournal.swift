import Dispatch
import Files
import FoundationEssentials
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A journal as a file of JSON Lines that only its owner may read.
package final class FileJournal: Journal {
    private struct State {
        /// Of the whole lines in the file, in bytes.
        var length: off_t = 0
        /// Whether something that could not be written whole may follow them.
        var isTorn = false
    }

    package let path: String
    private let descriptor: Int32
    /// Done once the folder knows the file for good.
    private let naming = DispatchGroup()
    private let state = Mutex(State())

    /// Makes the file, and the folders above it.
    ///
    /// Throws `JournalError` when it cannot be made or exists already.
    package convenience init(creating path: String) throws {
        let folder = ParentFolder.path(of: path)
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw JournalError("cannot make the folder \(folder): \(SystemErrorText.text(of: error))")
        }
        try self.init(path, flags: O_CREAT | O_EXCL)
    }

    /// Goes on with the journal of an interrupted run, after the `validLength` that its reader found.
    ///
    /// Throws `JournalError` when it cannot be opened, or a torn last line cannot be cut off.
    package convenience init(continuing path: String, validLength: Int) throws {
        try self.init(path, flags: 0)
        try state.withLock { state in
            state = State(length: off_t(validLength), isTorn: true)
            try mend(&state)
        }
    }

    private init(_ path: String, flags: Int32) throws {
        self.path = path
        descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | flags, 0o600)
        guard descriptor >= 0 else { throw JournalError.system("cannot open \(path)") }
        // Two writers would make one list of events out of two runs.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw JournalError("\(path) is being written by another process")
        }
        // Beside what the run reads before it changes something. A queue of its own gets a thread at once.
        DispatchQueue(label: "journal folder").async(group: naming) { Self.syncFolder(ParentFolder.path(of: path)) }
    }

    deinit {
        guard descriptor >= 0 else { return }
        // A child that is just being started may still have the descriptor: closing ours alone would not let go.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    package func append(_ event: RunEvent, durably: Bool) throws {
        let line = try event.line
        try state.withLock { state in
            try mend(&state)
            state.isTorn = true
            try write(line)
            if durably { try sync() }
            state.length += off_t(line.count)
            state.isTorn = false
        }
    }

    /// A run that changes nothing never comes here, so it need not wait for the disk.
    private func sync() throws {
        guard fdatasync(descriptor) == 0 else { throw JournalError.system("cannot sync \(path)") }
        naming.wait()
    }

    /// Half a line would spoil the one after it.
    private func mend(_ state: inout State) throws {
        guard state.isTorn else { return }
        let size = lseek(descriptor, 0, SEEK_END)
        if size > state.length, ftruncate(descriptor, state.length) != 0 {
            throw JournalError.system("cannot cut off \(path)")
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
        JournalError("\(action): \(SystemErrorText.ofLastCall)")
    }
}
