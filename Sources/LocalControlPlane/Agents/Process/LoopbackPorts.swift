import Glibc

/// The ports that agents and their fronts listen on.
package struct LoopbackPorts: Sendable {
    /// A port of the range, another one whenever it is asked.
    package typealias Choice = @Sendable (ClosedRange<Int>) -> Int

    private let next: @Sendable () async throws -> Int

    package init(_ next: @escaping @Sendable () async throws -> Int) {
        self.next = next
    }

    /// For agents.
    package static func ofAgents(choosing choice: @escaping Choice) -> LoopbackPorts {
        LoopbackPorts(in: 20_000...29_999, choosing: choice)
    }

    /// For fronts. Below 32768, where Linux takes the ports of outgoing connections from: those would else take a front's
    /// port while the plane is down.
    package static func ofFronts(choosing choice: @escaping Choice) -> LoopbackPorts {
        LoopbackPorts(in: 30_000...32_767, choosing: choice)
    }

    /// The first port that `choice` makes of `range` and that nobody listens on.
    package init(in range: ClosedRange<Int>, choosing choice: @escaping Choice) {
        self.init {
            for _ in 0..<Self.mostTries {
                let port = choice(range)
                if Self.isFree(port) { return port }
            }
            throw AgentFailure(
                phase: .deploy, message: "no free port found in \(range.lowerBound)-\(range.upperBound)",
                hint: "end what listens on those ports of this machine")
        }
    }

    package func free() async throws -> Int {
        try await next()
    }

    private static let mostTries = 100

    /// Binds and does not listen, on a socket that no child inherits: nothing of the look is left when it is over.
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
