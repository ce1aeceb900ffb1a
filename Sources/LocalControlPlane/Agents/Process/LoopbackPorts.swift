import NIOCore
import NIOPosix

/// The ports that agents listen on.
package struct LoopbackPorts: Sendable {
    private let next: @Sendable () async throws -> Int

    package init(_ next: @escaping @Sendable () async throws -> Int) {
        self.next = next
    }

    /// Below 32768, where Linux takes the ports of outgoing connections from.
    package static let standard = LoopbackPorts(in: 20_000...29_999)

    /// Any port of `range` that nobody listens on.
    package init(in range: ClosedRange<Int>) {
        self.init {
            for _ in 0..<Self.mostTries {
                let port = Int.random(in: range)
                if try await Self.isFree(port) { return port }
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

    private static func isFree(_ port: Int) async throws -> Bool {
        let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        do {
            try await bootstrap.bind(host: "127.0.0.1", port: port).get().close()
            return true
        } catch let error as IOError where error.errnoCode == EADDRINUSE || error.errnoCode == EACCES {
            return false
        }
    }
}
