import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#endif

/// A process of this machine, as `/proc/PID/stat` shows it.
package struct ProcessEntry: Sendable, Hashable, CustomStringConvertible {
    package let id: Int32
    package let session: Int32
    /// In clock ticks since the machine booted: tells a process from a later one with the same id.
    package let startTime: UInt64
    /// The name of the program, at most 15 bytes.
    package let name: String
    /// Ended, but its parent has not read its status.
    let isZombie: Bool

    package var description: String { "\(id) (\(name))" }

    var isSessionLeader: Bool { id == session }

    /// Parses `PID (NAME) STATE PARENT GROUP SESSION …`, in which field 22 is the start time (proc_pid_stat(5)). The name
    /// can contain spaces and parentheses.
    init?(stat: String) {
        guard let open = stat.firstIndex(of: "("), let close = stat.lastIndex(of: ")"), open < close else { return nil }
        let fields = stat[stat.index(after: close)...].split(whereSeparator: \.isWhitespace)
        guard let id = Int32(stat[..<open].filter { $0 != " " }), fields.count > 19,
            let session = Int32(fields[3]), let startTime = UInt64(fields[19])
        else { return nil }
        self.id = id
        self.session = session
        self.startTime = startTime
        name = String(stat[stat.index(after: open)..<close])
        isZombie = fields[0] == "Z" || fields[0] == "X"
    }
}

/// The processes of this machine.
package enum ProcessTable {
    /// Nil when the process is not found.
    package static func entry(_ id: Int32) -> ProcessEntry? {
        contents(of: "/proc/\(id)/stat").flatMap { ProcessEntry(stat: String(decoding: $0, as: UTF8.self)) }
    }

    /// Every process that has not ended.
    static func entries() -> [ProcessEntry] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0).flatMap(entry) }.filter { !$0.isZombie }
    }

    /// The environment that a process was started with.
    static func environment(of id: Int32) -> InitialEnvironment {
        InitialEnvironment(assignments: contents(of: "/proc/\(id)/environ").map { $0.split(separator: 0) })
    }

    /// Differs after each boot.
    package static let bootID: String = {
        let bytes = contents(of: "/proc/sys/kernel/random/boot_id") ?? []
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }()

    /// Files in /proc have no size, so they are read to their end.
    private static func contents(of path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            guard count > 0 else { return bytes }
            bytes += buffer.prefix(count)
        }
    }
}

/// The other processes of this machine at one moment, with their environments: one scan of /proc answers every question
/// of a poll.
struct ProcessSnapshot {
    let processes: [(entry: ProcessEntry, environment: InitialEnvironment)]
    private let byID: [Int32: ProcessEntry]

    init() {
        let entries = ProcessTable.entries()
        byID = Dictionary(entries.map { ($0.id, $0) }) { first, _ in first }
        processes = entries.filter { $0.id != getpid() }.map { ($0, ProcessTable.environment(of: $0.id)) }
    }

    func entry(of id: Int32) -> ProcessEntry? { byID[id] }
}

/// The environment that a process was started with.
struct InitialEnvironment {
    /// Nil when it cannot be read, as that of another user's process.
    let assignments: [ArraySlice<UInt8>]?

    /// Whether it is somebody else's for all that can be known.
    var isForeign: Bool { assignments?.isEmpty == false }

    subscript(name: String) -> String? {
        let prefix = Array("\(name)=".utf8)
        let assignment = assignments?.first { $0.starts(with: prefix) }
        return assignment.map { String(decoding: $0.dropFirst(prefix.count), as: UTF8.self) }
    }
}
