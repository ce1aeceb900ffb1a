import Foundation

/// Makes sure that one control plane works on a state folder; the kernel lets go when the process ends.
final class StateLock: Sendable {
    private let descriptor: Int32

    /// - Throws: `PlaneError` naming the holder's pid when another process has the lock.
    init(at file: URL) throws {
        descriptor = open(file.path(), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw PlaneError(.stateUnusable, "cannot open \(file.path()): \(String(cString: strerror(errno)))")
        }
        // From here on `deinit` closes the file, also when this throws.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let holder = try? String(contentsOf: file, encoding: .utf8)  // only to name the holder
            throw PlaneError(
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
