import Clocks
import ControlPlaneTypes
import Foundation
import NIOCore

/// Agents as processes of this machine.
struct LocalAgentRuntime: AgentRuntime {
    private let clock: any RunClock
    private let builder: AgentBuilder
    private let launcher: AgentLauncher
    private let frontPorts: LoopbackPorts

    /// `installs` is the file that remembers what was installed before.
    init(clock: any RunClock, choosingPorts choice: @escaping LoopbackPorts.Choice, installs: URL? = nil) {
        self.clock = clock
        builder = AgentBuilder(clock: clock, known: InstallHistory(file: installs))
        launcher = AgentLauncher(clock: clock, ports: .ofAgents(choosing: choice))
        frontPorts = .ofFronts(choosing: choice)
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
        return LocalAgent(process: process, manifest: manifest, clock: clock)
    }

    func adopt(_ record: AgentRecord, spec: AgentSpec) async -> (any RunningAgent)? {
        guard let process = AgentProcess.adopt(pid: record.pid, startTime: record.startTime, port: record.port),
            // Without its tree the agent is as good as gone: it is ended and started again.
            let manifest = try? AgentManifest.load(tree: spec.tree, configPath: spec.configPath)
        else { return nil }
        return LocalAgent(process: process, manifest: manifest, clock: clock)
    }

    func kill(_ record: AgentRecord) async {
        await AgentProcess.killGroup(pid: record.pid, startTime: record.startTime)
    }

    func sweep(instanceID: String, keeping pids: Set<Int32>) async {
        await OrphanCleanup(marker: instanceID).run(keeping: pids)
    }

    func openFront(port: Int?) async throws -> any FrontProxy {
        do {
            let wanted = if let port { port } else { try await frontPorts.free() }
            return try await HTTPFrontProxy.start(port: wanted, clock: clock)
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            let other = try await frontPorts.free()
            return try await HTTPFrontProxy.start(port: other, clock: clock)
        }
    }
}

/// An agent's process, and how to ask it whether it is well.
private struct LocalAgent: RunningAgent {
    private static let healthTimeout = Duration.seconds(2)

    let process: AgentProcess
    let manifest: AgentManifest
    let clock: any RunClock

    var pid: Int32 { process.pid }
    var startTime: UInt64 { process.startTime }
    var port: Int { process.port }
    var isAlive: Bool { process.isAlive }

    func isHealthy() async -> Bool {
        let http = LoopbackHTTP(clock: clock, port: port)
        // No answer, whatever the reason, is no health.
        return (try? await http.send("GET", manifest.health, timeout: Self.healthTimeout))?.status == 200
    }

    func finishWork(atMost limit: Duration) async {
        guard let path = manifest.queue else { return }
        let deadline = clock.now.advanced(by: limit)
        while clock.now < deadline, isAlive, await runsUnderWay(path) > 0 {
            // Cancelled means that the plane stops, and the agent right after.
            guard (try? await clock.sleep(for: .milliseconds(250))) != nil else { return }
        }
    }

    /// 0 also when the agent does not say.
    private func runsUnderWay(_ path: String) async -> Int {
        let http = LoopbackHTTP(clock: clock, port: port)
        guard let answer = try? await http.send("GET", path, timeout: Self.healthTimeout), answer.status == 200,
            let metrics = try? JSONDecoder().decode(AgentMetrics.self, from: Data(answer.body))
        else { return 0 }
        return metrics.queue.running + metrics.queue.pending
    }

    func stop(grace: Duration?) async {
        await process.stop(grace: min(manifest.stopTimeout, grace ?? manifest.stopTimeout))
    }
}

/// What a LangGraph server tells of its queue.
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
