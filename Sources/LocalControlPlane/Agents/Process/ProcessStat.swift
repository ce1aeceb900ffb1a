import Foundation

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
