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

/// What `/proc/PID/stat` says of a process (proc(5)).
struct ProcessStat: Equatable {
    let pid: Int32
    let state: Character
    let session: Int32
    /// Field 22, in clock ticks since boot: with the pid it names one process for as long as the machine is up.
    let startTime: UInt64

    /// A zombie has run to its end; only its exit status is left.
    var isRunning: Bool { state != "Z" && state != "X" }

    /// Nil when there is no such process.
    init?(of pid: Int32) {
        guard let line = ProcFile.text("/proc/\(pid)/stat") else { return nil }
        self.init(line: line)
    }

    /// The name in field 2 may hold blanks and parentheses, so the fields are counted from its last one.
    init?(line: String) {
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

    static func all() -> [ProcessStat] {
        // Without /proc there is no process to be seen; the launcher then finds no owner of the port and says so.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.compactMap { ProcessStat(of: $0) }
    }
}

/// A file of procfs, read to its end.
///
/// Not with Foundation: such a file has size 0 and comes in short pieces, of which it takes the first for all.
struct ProcFile {
    /// Nil when it cannot be opened, as when the process is gone.
    static func text(_ path: String) -> String? {
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
