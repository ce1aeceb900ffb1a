import ControlPlaneTypes
import Foundation

/// Where the control plane keeps everything; nobody but its owner may look inside.
struct StateDirectory: Sendable {
    let root: URL

    /// Makes the folder when it is not there.
    ///
    /// - Throws: `ServerError` when it cannot be made or made private.
    init(preparing path: String) throws {
        root = URL(filePath: path, directoryHint: .isDirectory).standardizedFileURL
        do {
            try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: root.path())
        } catch {
            throw ServerError(
                .stateUnusable, "cannot use \(path) as the state folder: \(error.localizedDescription)",
                hint: "name a folder that you may write with --state")
        }
    }

    var database: URL { root.appending(path: "plane.sqlite") }
    var lock: URL { root.appending(path: "lock") }
    var key: URL { root.appending(path: "key") }
    var addressFile: URL { root.appending(path: "plane.json") }
    /// In the root: what package tools have installed before.
    static let installsName = "installs.json"
    var uploads: URL { root.appending(path: "uploads") }

    func folder(of revision: RevisionID) -> URL {
        root.appending(path: "revisions").appending(path: revision.rawValue)
    }

    /// The check-out or extracted archive that a revision is built and run in.
    func tree(of revision: RevisionID) -> URL {
        folder(of: revision).appending(path: "tree")
    }
}

/// Makes sure that one control plane works on a state folder; the kernel lets go when the process ends.
final class StateLock: Sendable {
    private let descriptor: Int32

    /// - Throws: `ServerError` naming the holder's pid when another process has the lock.
    init(at file: URL) throws {
        descriptor = open(file.path(), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw ServerError(.stateUnusable, "cannot open \(file.path()): \(String(cString: strerror(errno)))")
        }
        // From here on `deinit` closes the file, also when this throws.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let holder = try? String(contentsOf: file, encoding: .utf8)  // only to name the holder
            throw ServerError(
                .locked,
                "another control plane (pid \(holder ?? "unknown")) uses \(file.deletingLastPathComponent().path())",
                hint: "stop it, or name another folder with --state")
        }
        writePID()
    }

    deinit {
        guard descriptor >= 0 else { return }
        // A child that is just being started may still have the descriptor: closing ours alone would not let go.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    private func writePID() {
        let text = String(ProcessInfo.processInfo.processIdentifier)
        // Only ever read to name the holder: a lost pid does no harm.
        _ = ftruncate(descriptor, 0)
        _ = text.withCString { pwrite(descriptor, $0, text.utf8.count, 0) }
    }
}

/// Tells other processes where the running control plane of a state folder answers.
struct AddressFile: Codable, Equatable, Sendable {
    var url: String
    var pid: Int32
    var version: String

    func write(to file: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        try PrivateFile.write(encoder.encode(self), to: file)
    }

    static func remove(_ file: URL) {
        // Already gone is what was wanted.
        _ = unlink(file.path())
    }
}

/// Writes files that only their owner may read, whole or not at all.
enum PrivateFile {
    /// - Throws: `ServerError` when the file cannot be written.
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
            throw ServerError(.stateUnusable, "cannot write \(file.path()): \(error.localizedDescription)")
        }
        guard rename(temporary.path(), file.path()) == 0 else { throw failure(file) }
    }

    private static func failure(_ file: URL) -> ServerError {
        ServerError(.stateUnusable, "cannot write \(file.path()): \(String(cString: strerror(errno)))")
    }
}
