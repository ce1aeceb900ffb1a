import Clocks
import ControlPlaneTypes
import Foundation
import NIOCore

/// Runs agents as processes on this machine.
struct LocalAgentRuntime: AgentRuntime {
    private let clock: any RunClock
    private let builder: AgentBuilder
    private let launcher: AgentLauncher
    private let proxyPorts: LoopbackPorts
    private let limits: AgentLimits

    /// `installs` is the file that records earlier package installs.
    init(
        clock: any RunClock, choosingPorts choice: @escaping LoopbackPorts.Choice, installs: URL? = nil,
        limits: AgentLimits = AgentLimits()
    ) {
        self.limits = limits
        self.clock = clock
        builder = AgentBuilder(clock: clock, history: InstallHistory(file: installs))
        launcher = AgentLauncher(clock: clock, ports: .forAgents(choosing: choice), limits: limits)
        proxyPorts = .forFrontProxies(choosing: choice)
    }

    func build(_ spec: AgentSpec, log: @escaping @Sendable (String) async -> Void) async throws {
        _ = try await builder.build(
            tree: spec.tree, configPath: spec.configPath, installCommand: spec.installCommand,
            buildCommand: spec.buildCommand, environment: spec.environment, log: log)
    }

    func start(_ spec: AgentSpec, logFile: URL) async throws -> any RunningAgent {
        let manifest = try AgentManifest.load(tree: spec.tree, configPath: spec.configPath)
        let process = try await launcher.start(
            manifest: manifest, tree: spec.tree, configPath: spec.configPath,
            revisionID: spec.revisionID.rawValue, environment: spec.environment, logFile: logFile)
        return LocalAgent(process: process, manifest: manifest, limits: limits, clock: clock)
    }

    func adopt(_ record: AgentRecord, spec: AgentSpec) async -> (any RunningAgent)? {
        guard let process = AgentProcess.adopt(pid: record.pid, startTime: record.startTime, port: record.port),
            // An agent whose tree is gone is killed and started again.
            let manifest = try? AgentManifest.load(tree: spec.tree, configPath: spec.configPath)
        else { return nil }
        return LocalAgent(process: process, manifest: manifest, limits: limits, clock: clock)
    }

    func kill(_ record: AgentRecord) async {
        await AgentProcess.killGroup(pid: record.pid, startTime: record.startTime)
    }

    func killOrphans(of instanceID: String, keeping pids: Set<Int32>) async {
        await OrphanCleanup(instanceID: instanceID).run(keeping: pids)
    }

    func openFrontProxy(port: Int?) async throws -> any FrontProxy {
        do {
            let wanted = if let port { port } else { try await proxyPorts.free() }
            return try await HTTPFrontProxy.start(port: wanted, clock: clock)
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            let other = try await proxyPorts.free()
            return try await HTTPFrontProxy.start(port: other, clock: clock)
        }
    }
}

/// A process with the manifest that says how to check its health.
private struct LocalAgent: RunningAgent {
    private static let healthTimeout = Duration.seconds(2)

    let process: AgentProcess
    let manifest: AgentManifest
    let limits: AgentLimits
    let clock: any RunClock

    var pid: Int32 { process.pid }
    var startTime: UInt64 { process.startTime }
    var port: Int { process.port }
    var isAlive: Bool { process.isAlive }

    var excess: String? { limits.excess(of: process.session) }

    func isHealthy() async -> Bool {
        let http = LoopbackHTTP(clock: clock, port: port)
        // Any error counts as unhealthy.
        return (try? await http.send("GET", manifest.health, timeout: Self.healthTimeout))?.status == 200
    }

    func finishQueuedRuns(atMost limit: Duration) async {
        guard let path = manifest.queue else { return }
        let deadline = clock.now.advanced(by: limit)
        while clock.now < deadline, isAlive, await queuedRuns(path) > 0 {
            // Cancelled means that the control plane stops; the agent is stopped right after.
            guard (try? await clock.sleep(for: .milliseconds(250))) != nil else { return }
        }
    }

    /// 0 when the agent does not response.
    private func queuedRuns(_ path: String) async -> Int {
        let http = LoopbackHTTP(clock: clock, port: port)
        guard let response = try? await http.send("GET", path, timeout: Self.healthTimeout), response.status == 200,
            let metrics = try? JSONDecoder().decode(AgentMetrics.self, from: Data(response.body))
        else { return 0 }
        return metrics.queue.running + metrics.queue.pending
    }

    func stop(grace: Duration?) async {
        await process.stop(grace: min(manifest.stopTimeout, grace ?? manifest.stopTimeout))
    }
}

/// The queue's part of a LangGraph server's metrics.
private struct AgentMetrics: Decodable {
    struct Queue: Decodable {
        let running: Int
        let pending: Int

        enum CodingKeys: String, CodingKey {
            case running = "n_running"
            case pending = "n_pending"
        }
    }

    let queue: Queue
}
