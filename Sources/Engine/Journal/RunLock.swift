#if canImport(Glibc)
    import Glibc
#endif

/// A held lock; it ends with this object, and the kernel lets go of it when its process ends, however it ends.
package final class RunLock: Sendable {
    let name: String
    private let descriptor: Int32

    /// Takes over a descriptor that holds the lock of that name.
    init(_ name: String, descriptor: Int32) {
        self.name = name
        self.descriptor = descriptor
    }

    deinit {
        ftruncate(descriptor, 0)
        // A child that is just being started may still have the descriptor: closing ours alone would not let go.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Names the holder for those who wait; the lock holds without it too.
    func write(_ holder: String) {
        var holder = holder
        ftruncate(descriptor, 0)
        holder.withUTF8 { _ = pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }
}
