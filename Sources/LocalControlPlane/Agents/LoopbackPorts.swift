import Foundation
import Glibc
import Processes

/// Chooses free ports for agents and front proxies.
struct LoopbackPorts: Sendable {
    /// Returns a port of the range, a different one at each call.
    typealias Choice = @Sendable (ClosedRange<Int>) -> Int

    private let next: @Sendable () async throws -> Int

    init(_ next: @escaping @Sendable () async throws -> Int) {
        self.next = next
    }

    /// For agents.
    static func forAgents(choosing choice: @escaping Choice) -> LoopbackPorts {
        LoopbackPorts(in: 20_000...29_999, choosing: choice)
    }

    /// For front proxies. Below 32768, where Linux starts to take ports for outgoing connections, which could
    /// occupy a front proxy's port while the control plane is down.
    static func forFrontProxies(choosing choice: @escaping Choice) -> LoopbackPorts {
        LoopbackPorts(in: 30_000...32_767, choosing: choice)
    }

    /// Takes the first port chosen from `range` that is free.
    init(in range: ClosedRange<Int>, choosing choice: @escaping Choice) {
        self.init {
            for _ in 0..<Self.mostTries {
                let port = choice(range)
                if Self.isFree(port) { return port }
            }
            throw AgentFailure(
                phase: .deploy, message: "no free port in \(range.lowerBound)-\(range.upperBound)",
                hint: "stop other programs that listen on these ports")
        }
    }

    func free() async throws -> Int {
        try await next()
    }

    private static let mostTries = 100

    /// Binds without listening, on a socket that no child process inherits.
    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}

/// The sockets that listen on a TCP port of this machine, from `/proc/net/tcp` (proc(5)).
struct PortListeners {
    /// Inodes of the listening sockets, IPv4 and IPv6.
    let inodes: Set<String>

    init(port: Int) {
        inodes = Set(
            ["/proc/net/tcp", "/proc/net/tcp6"].flatMap { path in
                // A kernel without IPv6 has no tcp6.
                Self.inodes(table: ProcFile.text(path) ?? "", port: port)
            })
    }

    /// Whether there is a listener and every one is open in a process of `session`.
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
        // A process may end, or close a file, in the meantime.
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.compactMap { file in
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(file)"),
                target.hasPrefix("socket:["), target.hasSuffix("]")
            else { return nil }
            return String(target.dropFirst("socket:[".count).dropLast())
        }
    }
}
