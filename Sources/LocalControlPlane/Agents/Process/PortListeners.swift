import Foundation

/// Who listens on a TCP port of this machine, from `/proc/net/tcp` and the open files of processes (proc(5)).
struct PortListeners {
    /// Of the listening sockets, over IPv4 and IPv6.
    let inodes: Set<String>

    init(port: Int) {
        inodes = Set(
            ["/proc/net/tcp", "/proc/net/tcp6"].flatMap { path in
                // A kernel without IPv6 has no tcp6.
                Self.inodes(table: ProcFile.text(path) ?? "", port: port)
            })
    }

    /// Whether every listener, and at least one, is open in a process of `session`.
    func belong(to session: ProcessSession) -> Bool {
        let sockets = session.members.reduce(into: Set<String>()) { $0.formUnion(Self.sockets(of: $1)) }
        return !inodes.isEmpty && inodes.isSubset(of: sockets)
    }

    static func inodes(table: String, port: Int) -> [String] {
        table.split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 9, fields[3] == listening, let colon = fields[1].lastIndex(of: ":"),
                Int(fields[1][fields[1].index(after: colon)...], radix: 16) == port
            else { return nil }
            return String(fields[9])
        }
    }

    /// TCP_LISTEN of the kernel's net/tcp_states.h.
    private static let listening = "0A"

    private static func sockets(of pid: Int32) -> [String] {
        let folder = "/proc/\(pid)/fd"
        // A process may end, and a file be closed, while we look.
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.compactMap { file in
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(file)"),
                target.hasPrefix("socket:["), target.hasSuffix("]")
            else { return nil }
            return String(target.dropFirst("socket:[".count).dropLast())
        }
    }
}
