import Clocks
import Dispatch
import Foundation
import Glibc

/// A process that leads a session, and every process in that session.
package struct ProcessSession: Sendable, Equatable {
    /// The leader's pid, which is also the id of the session and of its first process group.
    package let id: Int32
    /// The leader's start time (`ProcessStat.startTime`), which differs for a later process with the same pid.
    package let startTime: UInt64

    package init(id: Int32, startTime: UInt64) { (self.id, self.startTime) = (id, startTime) }

    package var leaderIsRunning: Bool {
        guard let stat = ProcessStat(of: id) else { return false }
        return stat.startTime == startTime && stat.isRunning
    }

    /// The running processes of the session, also when its leader has ended.
    package var members: [Int32] {
        let found = ProcessStat.all().filter { $0.session == id }
        let isReused = found.contains { $0.pid == id && $0.startTime != startTime }
        return isReused ? [] : found.filter(\.isRunning).map(\.pid)
    }

    /// Sends SIGTERM to all, SIGKILL to what is left after `grace`, and returns when all have ended.
    ///
    /// Runs on a new thread, so that it finishes even if the caller's task is cancelled.
    package func end(grace: Duration) async {
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
        // Repeated, because a process may start another one between listing and signalling.
        for _ in 0..<Self.maximumKills {
            guard signal(SIGKILL) else { return }
            usleep(Self.pollMicroseconds)
        }
    }

    /// Returns false when no process is left.
    private func signal(_ signal: Int32) -> Bool {
        let members = members
        guard !members.isEmpty else { return false }
        kill(-id, signal)
        // A shell with job control puts its jobs into separate process groups.
        for member in members where getpgid(member) != id { kill(member, signal) }
        return true
    }

    private static let pollMicroseconds: UInt32 = 10_000
    /// Five seconds: a process that SIGKILL has not ended by then hangs in the kernel.
    private static let maximumKills = 500
}

/// The part of `/proc/PID/stat` that is used here (proc(5)).
package struct ProcessStat: Equatable {
    package let pid: Int32
    package let state: Character
    package let session: Int32
    /// Field 22, in clock ticks since boot; with the pid it identifies a process until the next boot.
    package let startTime: UInt64

    /// False for a zombie, of which only the exit status is left.
    package var isRunning: Bool { state != "Z" && state != "X" }

    /// Nil when the process is not found.
    package init?(of pid: Int32) {
        guard let line = ProcFile.text("/proc/\(pid)/stat") else { return nil }
        self.init(line: line)
    }

    /// Counts fields from the last parenthesis: the name in field 2 may contain spaces and parentheses.
    package init?(line: String) {
        guard let open = line.firstIndex(of: "("), let close = line.lastIndex(of: ")"),
            let pid = Int32(line[..<open].trimmingCharacters(in: .whitespaces))
        else { return nil }
        let fields = line[line.index(after: close)...].split(separator: " ")
        guard fields.count > 19, let state = fields[0].first,
            let session = Int32(fields[3]), let startTime = UInt64(fields[19])
        else { return nil }
        self.pid = pid
        self.state = state
        self.session = session
        self.startTime = startTime
    }

    package static func all() -> [ProcessStat] {
        // Without /proc no process is found, and the readiness probe fails because the port has no owner.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.compactMap { ProcessStat(of: $0) }
    }
}

/// Reads files of procfs.
///
/// Foundation reads only their first piece, because their size is 0.
package struct ProcFile {
    /// Nil when it cannot be opened, for example because the process has ended.
    package static func text(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = read(descriptor, &piece, piece.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += piece.prefix(count)
        }
    }
}
