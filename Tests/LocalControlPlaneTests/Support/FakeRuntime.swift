import ControlPlaneTypes
import Foundation
import Processes

@testable import LocalControlPlane

/// Agents that are only entries in a table; the table outlives a control plane, as processes do.
actor FakeRuntime: AgentRuntime {
    private(set) var built: [RevisionID] = []
    private(set) var fronts: [FakeFrontProxy] = []
    private(set) var sweptKeeping: Set<Int32>?
    private var buildFailure: AgentFailure?
    private var startFailure: AgentFailure?
    private var buildGate: AsyncPromise<Bool>?
    private var startGate: AsyncPromise<Bool>?
    private let table = AgentTable()
    /// Opens with the first build.
    nonisolated let building = AsyncPromise<Bool>()
    private var lastPID: Int32 = 100

    func failBuilds(with message: String?) {
        buildFailure = message.map { AgentFailure(phase: .build, message: $0) }
    }

    func failStarts(with message: String?) {
        startFailure = message.map { AgentFailure(phase: .deploy, message: $0) }
    }

    /// Builds begun from now on wait for the gate.
    func holdBuilds() -> AsyncPromise<Bool> {
        let gate = AsyncPromise<Bool>()
        buildGate = gate
        return gate
    }

    func holdStarts() -> AsyncPromise<Bool> {
        let gate = AsyncPromise<Bool>()
        startGate = gate
        return gate
    }

    func letGo() {
        buildGate?.fulfill(with: true)
        startGate?.fulfill(with: true)
        buildGate = nil
        startGate = nil
    }

    nonisolated var running: [FakeAgent] { table.running }

    nonisolated func changes() -> AsyncStream<[FakeAgent]> { table.changes() }

    func build(_ spec: AgentSpec, log: @escaping @Sendable (String) async -> Void) async throws {
        built.append(spec.revisionID)
        building.fulfill(with: true)
        await log("building")
        _ = try await buildGate?.value()
        if let buildFailure { throw buildFailure }
    }

    func start(_ spec: AgentSpec, logFile: URL) async throws -> any RunningAgent {
        _ = try await startGate?.value()
        if let startFailure { throw startFailure }
        lastPID += 1
        let agent = FakeAgent(pid: lastPID, revisionID: spec.revisionID, table: table)
        table.started(agent)
        return agent
    }

    func adopt(_ record: AgentRecord, spec: AgentSpec) -> (any RunningAgent)? {
        table.agent(record.pid).flatMap { $0.startTime == record.startTime ? $0 : nil }
    }

    func kill(_ record: AgentRecord) { table.ended(record.pid) }

    func killOrphans(of instanceID: String, keeping pids: Set<Int32>) { sweptKeeping = pids }

    func openFrontProxy(port: Int?) -> any FrontProxy {
        let front = FakeFrontProxy(port: port ?? 30_000 + fronts.count)
        fronts.append(front)
        return front
    }
}

/// An agent that lives until it is stopped or told to die.
struct FakeAgent: RunningAgent {
    let pid: Int32
    let revisionID: RevisionID
    let table: AgentTable

    var startTime: UInt64 { UInt64(pid) * 7 }
    var port: Int { 20_000 + Int(pid) }
    var isAlive: Bool { table.agent(pid) != nil }

    var excess: String? { table.hasExcess(pid) ? "uses too much" : nil }

    func isHealthy() async -> Bool { isAlive }
    func finishQueuedRuns(atMost limit: Duration) async {}
    func stop(grace: Duration?) async { die() }
    func die() { table.ended(pid) }
    func exceed() { table.exceeded(pid) }
}

/// The processes of a machine that has none: it tells of every start and end.
final class AgentTable: @unchecked Sendable {
    private let lock = NSLock()
    private var alive: [Int32: FakeAgent] = [:]
    private var excessive: Set<Int32> = []
    private var observers: [AsyncStream<[FakeAgent]>.Continuation] = []

    var running: [FakeAgent] { lock.withLock { sorted } }

    /// What runs now, and then what runs after each change.
    func changes() -> AsyncStream<[FakeAgent]> {
        let (stream, continuation) = AsyncStream<[FakeAgent]>.makeStream()
        lock.withLock {
            continuation.yield(sorted)
            observers.append(continuation)
        }
        return stream
    }

    func hasExcess(_ pid: Int32) -> Bool { lock.withLock { excessive.contains(pid) } }
    func exceeded(_ pid: Int32) { lock.withLock { _ = excessive.insert(pid) } }
    func agent(_ pid: Int32) -> FakeAgent? { lock.withLock { alive[pid] } }
    func started(_ agent: FakeAgent) { change { $0[agent.pid] = agent } }
    func ended(_ pid: Int32) { change { $0[pid] = nil } }

    private var sorted: [FakeAgent] { alive.values.sorted { $0.pid < $1.pid } }

    private func change(_ body: (inout [Int32: FakeAgent]) -> Void) {
        lock.withLock {
            body(&alive)
            for observer in observers { observer.yield(sorted) }
        }
    }
}

/// A front that notes where it leads.
final class FakeFrontProxy: FrontProxy, @unchecked Sendable {
    let port: Int
    private let lock = NSLock()
    private var routes: [Int?] = []

    init(port: Int) { self.port = port }

    /// Every change, oldest first.
    var history: [Int?] { lock.withLock { routes } }

    func route(to port: Int?) async { lock.withLock { routes.append(port) } }
    func drain(_ port: Int, atMost limit: Duration) async {}
    func close() async { lock.withLock { routes.append(nil) } }
}
