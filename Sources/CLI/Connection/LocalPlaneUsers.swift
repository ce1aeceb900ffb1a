import Clocks
import Engine
import Glibc

/// The commands that use a control plane which one of them started: it stops when the last one is done.
///
/// A lock on a file, which the kernel releases when a command is killed. Without the file, nothing is locked.
final class LocalPlaneUsers: Sendable {
    private let descriptor: Int32

    init(of state: String) {
        descriptor = open(state + "/users", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    }

    /// False when the control plane is about to stop.
    func join() -> Bool { descriptor < 0 || flock(descriptor, LOCK_SH | LOCK_NB) == 0 }

    func leave() {
        guard descriptor >= 0 else { return }
        // A child process that is being started may still have the descriptor, so closing ours is not enough.
        _ = flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Returns when nobody else uses it and nobody can join any more, or at the next SIGINT or SIGTERM.
    func waitForOthers(_ clock: any RunClock) async {
        if isAlone { return }
        StandardError.diagnostics(isCI: false, color: .auto)
            .note("waiting for another command that uses this local control plane; Ctrl-C stops the control plane")
        let cancellation = RunCancellation()
        await RunSignals(cancellation: cancellation).during {
            while cancellation.reason == nil, !isAlone {
                // A cancelled wait must not hold up the end of the command.
                guard (try? await clock.sleep(for: .milliseconds(100))) != nil else { return }
            }
        }
    }

    private var isAlone: Bool { descriptor < 0 || flock(descriptor, LOCK_EX | LOCK_NB) == 0 }
}
