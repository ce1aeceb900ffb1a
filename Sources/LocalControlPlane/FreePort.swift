import NIOCore
import NIOPosix

/// Says whether a port can be listened on.
enum FreePort {
    static func isFree(_ port: Int, host: String) async -> Bool {
        do {
            let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .bind(host: host, port: port).get()
            try await channel.close()
            return true
        } catch {
            // Whatever the reason, the port is not to be had; another one is taken.
            return false
        }
    }
}
