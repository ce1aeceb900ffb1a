import Clocks
import ControlPlaneTypes
import Foundation
import Git
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import UnixSignals

/// Runs a control plane: takes the state, recovers, listens, and stops in order when told to.
struct LocalServer {
    /// Agents get their own time to stop; after this the rest is cut short.
    private static let shutdownLimit = Duration.seconds(9)

    let configuration: PlaneConfiguration
    let runtime: any AgentRuntime
    let access: any RepositoryAccess
    let clock: any RunClock
    let logger: Logger
    /// Called once, with the URL, when requests are answered.
    let ready: @Sendable (String) -> Void

    /// Returns after SIGINT, SIGTERM or SIGHUP, when every agent is stopped.
    ///
    /// - Throws: `PlaneError` when it cannot start.
    func run() async throws {
        try configuration.checkHost()
        let state = try StateDirectory(preparing: configuration.state)
        let lock = try StateLock(at: state.lock)
        defer { withExtendedLifetime(lock) {} }
        let plane = try await makePlane(state)
        for path in configuration.repositories { try await serveRepository(path, of: plane) }
        try await plane.recovery.run()
        let port = try await portToTake(plane.store)
        defer { PlaneFile.remove(state.planeFile) }
        try await serve(plane, port: port)
    }

    private func makePlane(_ state: StateDirectory) async throws -> Plane {
        let store: Store
        do {
            store = try Store.open(at: state.database.path(percentEncoded: false))
        } catch {
            throw PlaneError(
                .stateUnusable, "cannot open \(state.database.path()): \(error)",
                hint: "move the file away to start afresh")
        }
        let key = try APIKey.load(environment: configuration.environment, file: state.key)
        return try await Plane(
            state: state, store: store, key: key, runtime: runtime, access: access, clock: clock,
            ids: { UUID().uuidString.lowercased() }, logger: logger, policy: configuration.policy)
    }

    private func serveRepository(_ path: String, of plane: Plane) async throws {
        do {
            try await plane.catalog.serve(path)
        } catch let error as GitError {
            throw PlaneError(.missingRepository, "cannot serve \(path): \(error.message)", hint: error.hint)
        }
    }

    private func serve(_ plane: Plane, port: Int) async throws {
        let application = Application(
            router: plane.router(),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: port), serverName: "slipway-control-plane"),
            onServerRunning: { channel in await announce(plane, port: channel.localAddress?.port ?? port) },
            logger: logger)
        // Stopped in the reverse order: no more requests, then no more work, then no more agents.
        var group = ServiceGroupConfiguration(
            services: [plane.supervisor, plane.reconciler, plane.pushes, plane.upkeep, application],
            gracefulShutdownSignals: [.sigterm, .sigint, .sighup], logger: logger)
        group.maximumGracefulShutdownDuration = Self.shutdownLimit
        do {
            try await ServiceGroup(configuration: group).run()
        } catch let error as IOError {
            throw PlaneError(
                .addressUnavailable, "cannot listen on \(configuration.host):\(port): \(error)",
                hint: "name another --port, or 0 for any")
        }
    }

    private func announce(_ plane: Plane, port: Int) async {
        let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        let url = "http://\(host):\(port)"
        do {
            try await plane.store.set(.port, to: String(port))
            try PlaneFile(url: url, pid: ProcessInfo.processInfo.processIdentifier, version: version)
                .write(to: plane.state.planeFile)
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
