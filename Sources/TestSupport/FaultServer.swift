package import ControlPlane
package import FoundationEssentials
import Glibc

/// An HTTP server on loopback that misbehaves on demand: real sockets, one thread for each connection.
package final class FaultServer: Sendable {
    private struct State {
        var requests: [ReceivedRequest] = []
        var connections: [FaultConnection] = []
        var threads: [DriverThread] = []
        var isStopped = false
    }

    package let port: Int
    private let listener: CInt
    private let reply: @Sendable (ReceivedRequest) -> FaultReply
    private let state = Locked(State())

    /// `reply` is called on the connection's thread, in the order of its requests.
    package init(_ reply: @escaping @Sendable (ReceivedRequest) -> FaultReply) throws {
        (listener, port) = try LoopbackSocket.listen()
        self.reply = reply
        let thread = try DriverThread { self.accept() }
        state.withLock { $0.threads.append(thread) }
    }

    package var url: String { "http://127.0.0.1:\(port)" }

    package var requests: [ReceivedRequest] { state.withLock { $0.requests } }

    /// The number of connections so far.
    package var connectionCount: Int { state.withLock { $0.connections.count } }

    /// Closes everything and waits for the threads.
    package func stop() {
        let (connections, threads) = state.withLock { state in
            state.isStopped = true
            defer { state.threads = [] }
            return (state.connections, state.threads)
        }
        guard !threads.isEmpty else { return }
        shutdown(listener, CInt(SHUT_RDWR))
        for connection in connections { connection.interrupt() }
        for thread in threads { thread.join() }
        close(listener)
    }

    /// Runs `body` with a server and stops it afterwards.
    package static func run<Result>(
        _ reply: @escaping @Sendable (ReceivedRequest) -> FaultReply,
        _ body: (FaultServer) async throws -> Result
    ) async throws -> Result {
        let server = try FaultServer(reply)
        defer { server.stop() }
        return try await body(server)
    }

    private func accept() {
        while true {
            let descriptor = Glibc.accept(listener, nil, nil)
            guard descriptor >= 0 else { return }
            serve(FaultConnection(descriptor))
        }
    }

    private func serve(_ connection: FaultConnection) {
        let number = state.withLock { state in
            state.connections.append(connection)
            return state.connections.count
        }
        do {
            let thread = try DriverThread { self.converse(on: connection, number: number) }
            let isStopped = state.withLock { state in
                state.threads.append(thread)
                return state.isStopped
            }
            if isStopped { connection.interrupt() }
        } catch {
            connection.close()
        }
    }

    private func converse(on connection: FaultConnection, number: Int) {
        defer { connection.close() }
        while let request = connection.receive(number: number) {
            state.withLock { $0.requests.append(request) }
            let reply = reply(request)
            for step in reply.steps {
                guard connection.perform(step) else { return }
            }
            guard reply.keepsConnection else { return }
        }
    }
}

/// A request that a `FaultServer` received.
package struct ReceivedRequest: Sendable {
    /// The first word of the request; `TLS` when the client started a handshake instead.
    package var method: String
    /// Path and query.
    package var target: String
    package var headers: [HTTPHeader]
    package var body: Data
    /// The number of the connection, from 1.
    package var connection: Int

    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}
