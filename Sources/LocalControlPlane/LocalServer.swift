import Clocks
import ControlPlaneTypes
import Foundation
import Git
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import UnixSignals

/// Runs a control plane: takes the state, recovers, listens, and stops in order when told to.
struct LocalServer {
    /// Agents get their own time to stop; after this the rest is cut short.
    private static let shutdownLimit = Duration.seconds(9)

    let configuration: ServerConfiguration
    let runtime: any AgentRuntime
    let access: any RepositoryAccess
    let clock: any RunClock
    let logger: Logger
    /// Called once, with the URL, when requests are answered.
    let ready: @Sendable (String) -> Void

    /// Returns after SIGINT, SIGTERM or SIGHUP, when every agent is stopped.
    ///
    /// - Throws: `ServerError` when it cannot start.
    func run() async throws {
        try configuration.checkHost()
        let state = try StateDirectory(preparing: configuration.state)
        let lock = try StateLock(at: state.lock)
        defer { withExtendedLifetime(lock) {} }
        let components = try await makeComponents(state)
        for path in configuration.repositories { try await serveRepository(path, of: components) }
        try await components.recovery.run()
        let port = try await portToTake(components.store)
        defer { AddressFile.remove(state.addressFile) }
        try await serve(components, port: port)
    }

    private func makeComponents(_ state: StateDirectory) async throws -> ServerComponents {
        let store: Store
        do {
            store = try Store.open(at: state.database.path(percentEncoded: false))
        } catch {
            throw ServerError(
                .stateUnusable, "cannot open \(state.database.path()): \(error)",
                hint: "move the file away to start afresh")
        }
        let key = try APIKey.load(environment: configuration.environment, file: state.key)
        return try await ServerComponents(
            state: state, store: store, key: key, runtime: runtime, access: access, clock: clock,
            ids: { UUID().uuidString.lowercased() }, logger: logger, options: configuration.options)
    }

    private func serveRepository(_ path: String, of components: ServerComponents) async throws {
        do {
            try await components.catalog.serve(path)
        } catch let error as GitError {
            throw ServerError(.missingRepository, "cannot serve \(path): \(error.message)", hint: error.hint)
        }
    }

    private func serve(_ components: ServerComponents, port: Int) async throws {
        let application = Application(
            router: components.router(),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: port), serverName: "slipway-control-plane"),
            onServerRunning: { channel in await announce(components, port: channel.localAddress?.port ?? port) },
            logger: logger)
        // Stopped in the reverse order: no more requests, then no more work, then no more agents.
        var group = ServiceGroupConfiguration(
            services: [
                components.supervisor, components.reconciler, components.pushWatcher, components.retention, application,
            ],
            gracefulShutdownSignals: [.sigterm, .sigint, .sighup], logger: logger)
        group.maximumGracefulShutdownDuration = Self.shutdownLimit
        do {
            try await ServiceGroup(configuration: group).run()
        } catch let error as IOError {
            throw ServerError(
                .addressUnavailable, "cannot listen on \(configuration.host):\(port): \(error)",
                hint: "name another --port, or 0 for any")
        }
    }

    private func announce(_ components: ServerComponents, port: Int) async {
        let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        let url = "http://\(host):\(port)"
        do {
            try await components.store.set(.port, to: String(port))
            try AddressFile(url: url, pid: ProcessInfo.processInfo.processIdentifier, version: version)
                .write(to: components.state.addressFile)
        } catch {
            logger.error("cannot note the address", metadata: ["error": "\(error)"])
        }
        ready(url)
    }

    /// The port asked for; for 0 the one of the last run, when nobody has it now.
    private func portToTake(_ store: Store) async throws -> Int {
        guard configuration.port == 0, let last = try await store.setting(.port).flatMap(Int.init) else {
            return configuration.port
        }
        return await FreePort.isFree(last, host: configuration.host) ? last : 0
    }
}

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
