import Clocks
import Dispatch
import Foundation
import Glibc

/// A process that leads a session, and everything it has started in there.
struct ProcessSession: Sendable, Equatable {
    /// Of the leader, and so of the session and of its first process group.
    let id: Int32
    /// Of the leader (`ProcessStat.startTime`): tells it from a later process with the same id.
    let startTime: UInt64

    var leaderIsRunning: Bool {
        guard let stat = ProcessStat(of: id) else { return false }
        return stat.startTime == startTime && stat.isRunning
    }

    /// What runs in the session, even when its leader is gone.
    var members: [Int32] {
        let found = ProcessStat.all().filter { $0.session == id }
        let isReused = found.contains { $0.pid == id && $0.startTime != startTime }
        return isReused ? [] : found.filter(\.isRunning).map(\.pid)
    }

    /// SIGTERM to all, SIGKILL to what is left after `grace`; returns when nothing of it runs.
    ///
    /// Does its work on a thread of its own: it has to come to its end even when the caller's task was cancelled.
    func end(grace: Duration) async {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                endBlocking(grace: grace)
                continuation.resume()
            }
        }
    }

    private func endBlocking(grace: Duration) {
        if grace > .zero, !signal(SIGTERM) { return }
        let deadline = DispatchTime.now() + grace.seconds
        while DispatchTime.now() < deadline {
            usleep(Self.pollMicroseconds)
            guard !members.isEmpty else { return }
        }
        // Again and again: a process may start another one between the look and the signal.
        for _ in 0..<Self.mostKills {
            guard signal(SIGKILL) else { return }
            usleep(Self.pollMicroseconds)
        }
    }

    /// False when nothing was left to be told.
    private func signal(_ signal: Int32) -> Bool {
        let members = members
        guard !members.isEmpty else { return false }
        kill(-id, signal)
        // A shell with job control gives its jobs process groups of their own.
        for member in members where getpgid(member) != id { kill(member, signal) }
        return true
    }

    private static let pollMicroseconds: UInt32 = 10_000
    /// Five seconds: what SIGKILL has not ended by then hangs in the kernel.
    private static let mostKills = 500
}
