import Clocks
import ControlPlaneTypes
import Foundation
import Logging

/// Takes over what an earlier control plane of the same state left: its running agents and its unfinished work.
struct Recovery: Sendable {
    let store: Store
    let registry: AgentRegistry
    let runtime: any AgentRuntime
    let worker: RevisionWorker
    let clock: any RunClock
    let logger: Logger

    /// To be done before the first request and before anything is started.
    func run() async throws {
        try await resetUnfinished()
        let adopted = try await adoptAgents()
        await runtime.sweep(instanceID: worker.instanceID, keeping: Set(adopted.values.map(\.pid)))
        for deployment in try await store.deployments() where !deployment.status.isBeingDeleted {
            guard let active = deployment.activeRevisionID else { continue }
            try await bringBack(active, of: deployment, agent: adopted[active])
        }
        for deployment in try await store.deployments() where deployment.status.isBeingDeleted {
            if deployment.status == .awaitingDelete { await worker.retire(deployment.id) }
        }
    }

    private func resetUnfinished() async throws {
        for revision in try await store.revisionsInProgress() {
            let applied = try await store.apply(.serverRestarted, to: revision.id, at: clock.date)
            for action in applied?.actions ?? [] { await worker.note(action, revision) }
        }
    }

    private func adoptAgents() async throws -> [RevisionID: any RunningAgent] {
        var adopted: [RevisionID: any RunningAgent] = [:]
        for record in try await store.agents() {
            if try await isWanted(record), let revision = try await store.revision(record.revisionID),
                let agent = await runtime.adopt(record, spec: worker.spec(for: revision))
            {
                adopted[record.revisionID] = agent
            } else {
                await runtime.kill(record)
                try await store.forget(record)
            }
        }
        return adopted
    }

    private func isWanted(_ record: AgentRecord) async throws -> Bool {
        guard let deployment = try await store.deployment(record.deploymentID) else { return false }
        return deployment.activeRevisionID == record.revisionID && !deployment.status.isBeingDeleted
    }

    private func bringBack(
        _ active: RevisionID, of deployment: DeploymentRecord, agent: (any RunningAgent)?
    ) async throws {
        let front = try await registry.front(of: deployment.id)
        await front.route(to: agent?.port)
        let record = AgentRecord(
            revisionID: active, deploymentID: deployment.id, pid: agent?.pid ?? 0, startTime: agent?.startTime ?? 0,
            port: agent?.port ?? 0)
        _ = await registry.putLive(agent, as: record)
        logger.info(
            agent == nil ? "starting an agent again" : "took over a running agent",
            metadata: ["deployment": "\(deployment.name)", "revision": "\(active)"])
    }
}

/// Finds processes by a mark in their environment: what a killed control plane had started but not yet recorded.
struct OrphanCleanup: Sendable {
    static let variable = "SLIPWAY_PLANE_ID"

    let marker: String

    /// Ends every session that carries the mark, but for those led by the given processes.
    func run(keeping leaders: Set<Int32>) async {
        let sessions = Set(ProcessStat.all().filter { isMarked($0.pid) }.map(\.session))
        for session in sessions.subtracting(leaders) where session != getsid(0) {
            guard let leader = ProcessStat(of: session) else {
                endMembers(of: session)
                continue
            }
            await AgentProcess.killGroup(pid: session, startTime: leader.startTime)
        }
    }

    /// The leader is gone and cannot be named by its start time any more.
    private func endMembers(of session: Int32) {
        for process in ProcessStat.all() where process.session == session && isMarked(process.pid) {
            // Gone meanwhile is as good.
            _ = kill(process.pid, SIGKILL)
        }
    }

    private func isMarked(_ pid: Int32) -> Bool {
        let wanted = Data("\(Self.variable)=\(marker)".utf8)
        // Unreadable means somebody else's.
        guard let environment = try? Data(contentsOf: URL(filePath: "/proc/\(pid)/environ")) else { return false }
        return environment.split(separator: 0).contains { $0 == wanted }
    }
}
