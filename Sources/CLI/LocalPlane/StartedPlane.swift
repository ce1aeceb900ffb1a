import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// The control plane that this process has started, so that it does not stay behind when the process leaves at once.
enum StartedPlane {
    private static let pid = Mutex<pid_t?>(nil)

    static func began(_ process: pid_t) { pid.withLock { $0 = process } }

    /// It has ended, and its number may soon be another's.
    static func ended() { pid.withLock { $0 = nil } }

    /// Tells it to end itself and its agents; nothing waits for that.
    static func end() {
        pid.withLock { process in
            if let process { kill(process, SIGTERM) }
        }
    }
}
