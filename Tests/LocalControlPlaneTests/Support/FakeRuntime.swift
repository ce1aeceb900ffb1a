import ControlPlaneTypes
import Foundation

@testable import LocalControlPlane

/// Agents that are only entries in a table; the table outlives a control plane, as processes do.
actor FakeRuntime: AgentRuntime {
    private(set) var built: [RevisionID] = []
    private(set) var fronts: [FakeFront] = []
    private(set) var sweptKeeping: Set<Int32>?
    private var buildFailure: AgentFailure?
    private var startFailure: AgentFailure?
    private var buildGate: Latch<Bool>?
    private var startGate: Latch<Bool>?
    private let table = AgentTable()
    /// Opens with the first build.
    nonisolated let building = Latch<Bool>()
    private var lastPID: Int32 = 100

    func failBuilds(with message: String?) {
        buildFailure = message.map { AgentFailure(phase: .build, message: $0) }
    }

    func failStarts(with message: String?) {
        startFailure = message.map { AgentFailure(phase: .deploy, message: $0) }
    }

    /// Builds begun from now on wait for the gate.
    func holdBuilds() -> Latch<Bool> {
        let gate = Latch<Bool>()
        buildGate = gate
        return gate
    }

    func holdStarts() -> Latch<Bool> {
        let gate = Latch<Bool>()
        startGate = gate
        return gate
    }

    func letGo() {
        buildGate?.open(with: true)
        startGate?.open(with: true)
        buildGate = nil
        startGate = nil
    }

    nonisolated var running: [FakeAgent] { table.running }

    nonisolated func changes() -> AsyncStream<[FakeAgent]> { table.changes() }

    func build(_ order: AgentOrder, log: @escaping @Sendable (String) async -> Void) async throws {
        built.append(order.revisionID)
        building.open(with: true)
        await log("building")
        _ = try await buildGate?.value()
        if let buildFailure { throw buildFailure }
    }

    func start(_ order: AgentOrder, logFile: URL) async throws -> any RunningAgent {
        _ = try await startGate?.value()
        if let startFailure { throw startFailure }
        lastPID += 1
        let agent = FakeAgent(pid: lastPID, revisionID: order.revisionID, table: table)
        table.started(agent)
        return agent
    }

    func adopt(_ record: AgentRecord, order: AgentOrder) -> (any RunningAgent)? {
        table.agent(record.pid).flatMap { $0.startTime == record.startTime ? $0 : nil }
    }

    func kill(_ record: AgentRecord) { table.ended(record.pid) }

    func sweep(planeID: String, keeping pids: Set<Int32>) { sweptKeeping = pids }

    func openFront(port: Int?) -> any AgentFront {
        let front = FakeFront(port: port ?? 30_000 + fronts.count)
        fronts.append(front)
        return front
    }
}
