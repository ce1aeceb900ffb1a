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

/// Runs a control plane: locks the state, recovers, serves requests, and shuts down in order.
struct LocalServer {
    /// The longest graceful shutdown; agents have their own, shorter limit.
    private static let shutdownLimit = Duration.seconds(9)

    let configuration: ServerConfiguration
    let runtime: any AgentRuntime
    let access: any RepositoryAccess
    let clock: any RunClock
    let logger: Logger
    /// Called once, with the URL, when the server accepts requests.
    let ready: @Sendable (String) -> Void

    /// Returns after SIGINT, SIGTERM or SIGHUP, when every agent is stopped. A read-only one starts no agents.
    ///
    /// - Throws: `ServerError` when it cannot start.
    func run() async throws {
        try configuration.checkHost()
        let state = try PlaneDirectory(preparing: configuration.state)
        if isReadOnly { return try await serve(makeComponents(state), port: 0) }
        let lock = try await lock(state)
        defer { withExtendedLifetime(lock) {} }
        let components = try await makeComponents(state)
        for path in configuration.repositories { try await serveRepository(path, of: components) }
        try await components.recovery.run()
        let port = try await choosePort(components.store)
        defer { AddressFile.remove(state.addressFile) }
        try await serve(components, port: port)
    }

    private func lock(_ state: PlaneDirectory) async throws -> StateLock {
        do {
            return try StateLock(at: state.lock)
        } catch let error as ServerError where error.reason == .locked {
            throw await StateHolder(state: state).refusal()
        }
    }

    private var isReadOnly: Bool { configuration.options.isReadOnly }

    private func makeComponents(_ state: PlaneDirectory) async throws -> ServerComponents {
        let store: Store
        do {
            store = try Store.open(at: state.database.path(percentEncoded: false))
        } catch {
            throw ServerError(
                .stateUnusable, "cannot open \(state.database.path()): \(error)",
                hint: "move the file away to start with an empty state")
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
        let workers: [any Service] = [
            components.supervisor, components.reconciler, components.pushWatcher, components.retention,
        ]
        // Services stop in reverse order: requests, then work, then agents.
        var group = ServiceGroupConfiguration(
            services: (isReadOnly ? [] : workers) + [application],
            gracefulShutdownSignals: [.sigterm, .sigint, .sighup], logger: logger)
        group.maximumGracefulShutdownDuration = Self.shutdownLimit
        do {
            try await ServiceGroup(configuration: group).run()
        } catch let error as IOError {
            throw ServerError(
                .addressUnavailable, "cannot listen on \(configuration.host):\(port): \(error)",
                hint: "use another --port, or 0 for any free port")
        }
    }

    private func announce(_ components: ServerComponents, port: Int) async {
        let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        let url = "http://\(host):\(port)"
        if isReadOnly { return ready(url) }
        do {
            try await components.store.set(.port, to: String(port))
            try AddressFile(
                url: url, pid: ProcessInfo.processInfo.processIdentifier, version: version,
                usesKeyFile: components.key.isFromFile, endsWithInput: configuration.options.endsWithInput
            ).write(to: components.state.addressFile)
        } catch {
            logger.error("cannot write the address file", metadata: ["error": "\(error)"])
        }
        ready(url)
    }

    /// The configured port; for 0 the port of the last run, if it is free.
    private func choosePort(_ store: Store) async throws -> Int {
        guard configuration.port == 0, let last = try await store.setting(.port).flatMap(Int.init) else {
            return configuration.port
        }
        return await FreePort.isFree(last, host: configuration.host) ? last : 0
    }
}

/// Checks whether a port can be listened on.
enum FreePort {
    static func isFree(_ port: Int, host: String) async -> Bool {
        do {
            let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .bind(host: host, port: port).get()
            try await channel.close()
            return true
        } catch {
            // Any error means that the port cannot be used.
            return false
        }
    }
}
