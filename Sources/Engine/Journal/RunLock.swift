#if canImport(Glibc)
    import Glibc
#endif

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
