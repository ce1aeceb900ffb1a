import ControlPlaneTypes
import Foundation

/// The directory where the control plane stores everything; only its owner has access.
struct PlaneDirectory: Sendable {
    let root: URL

    /// Creates the directory if it does not exist.
    ///
    /// - Throws: `ServerError` when it cannot be created or made private.
    init(preparing path: String) throws {
        root = URL(filePath: path, directoryHint: .isDirectory).standardizedFileURL
        do {
            try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: root.path())
        } catch {
            throw ServerError(
                .stateUnusable, "cannot use state directory \(path): \(error.localizedDescription)",
                hint: "pass a writable directory with --state")
        }
    }

    var database: URL { root.appending(path: "plane.sqlite") }
    var lock: URL { root.appending(path: "lock") }
    var key: URL { root.appending(path: "key") }
    var addressFile: URL { root.appending(path: "plane.json") }
    /// The file in the root that records earlier package installs.
    static let installsName = "installs.json"
    var uploads: URL { root.appending(path: "uploads") }

    func folder(of revision: RevisionID) -> URL {
        root.appending(path: "revisions").appending(path: revision.rawValue)
    }

    /// The checkout or extracted archive that a revision is built and run in.
    func tree(of revision: RevisionID) -> URL {
        folder(of: revision).appending(path: "tree")
    }
}

/// Ensures that only one control plane uses a state directory; the kernel releases the lock when the process ends.
final class StateLock: Sendable {
    private let descriptor: Int32

    /// - Throws: `ServerError` of the reason `locked` when another process has the lock.
    init(at file: URL) throws {
        descriptor = open(file.path(), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw ServerError(.stateUnusable, "cannot open \(file.path()): \(String(cString: strerror(errno)))")
        }
        // From here on `deinit` closes the file, even if this throws.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw ServerError(.locked, "state directory in use: \(file.deletingLastPathComponent().path())")
        }
        writePID()
    }

    deinit {
        guard descriptor >= 0 else { return }
        // A child that is being started may still have the descriptor, so closing ours alone does not release the lock.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    private func writePID() {
        let text = String(ProcessInfo.processInfo.processIdentifier)
        // Only used to name the holder, so a failure does no harm.
        _ = ftruncate(descriptor, 0)
        _ = text.withCString { pwrite(descriptor, $0, text.utf8.count, 0) }
    }
}

/// Tells other processes the address of the control plane that runs on a state directory.
struct AddressFile: Codable, Equatable, Sendable {
    var url: String
    var pid: Int32
    var version: String
    /// Whether requests have to send the key in the state directory, and not one that only its starter knows.
    var usesKeyFile: Bool
    /// Whether it stops with the command that started it.
    var endsWithInput = false

    func write(to file: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        try PrivateFile.write(encoder.encode(self), to: file)
    }

    static func remove(_ file: URL) {
        // Fails only when it does not exist.
        _ = unlink(file.path())
    }
}

/// Writes files atomically and readable only by their owner.
enum PrivateFile {
    /// - Throws: `ServerError` when the file cannot be written.
    static func write(_ data: Data, to file: URL) throws {
        let temporary = file.appendingPathExtension("new")
        // A file left by a crash would keep its permissions.
        _ = unlink(temporary.path())
        let descriptor = open(temporary.path(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(file) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try handle.write(contentsOf: data)
            try handle.synchronize()
            try handle.close()
        } catch {
            throw ServerError(.stateUnusable, "cannot write \(file.path()): \(error.localizedDescription)")
        }
        guard rename(temporary.path(), file.path()) == 0 else { throw failure(file) }
    }

    private static func failure(_ file: URL) -> ServerError {
        ServerError(.stateUnusable, "cannot write \(file.path()): \(String(cString: strerror(errno)))")
    }
}
