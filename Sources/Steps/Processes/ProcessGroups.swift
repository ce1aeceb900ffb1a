import Glibc
import Synchronization

/// The process groups of the programs that run now, so that none outlives a process that leaves at once.
package final class ProcessGroups: Sendable {
    private let running = Mutex<Set<pid_t>>([])

    package init() {}

    func insert(_ group: pid_t) {
        running.withLock { _ = $0.insert(group) }
    }

    /// Kills what is left of the group.
    func end(_ group: pid_t) {
        running.withLock { groups in
            groups.remove(group)
            kill(-group, SIGKILL)
        }
    }

    /// Kills all that run now.
    package func endAll() {
        running.withLock { groups in
            for group in groups { kill(-group, SIGKILL) }
            groups.removeAll()
        }
    }
}
