import Clocks
import ControlPlaneTypes
import Foundation
import Logging
import Processes

/// Takes over from an earlier control plane of the same state: running agents and unfinished revisions.
struct Recovery: Sendable {
    let store: Store
    let registry: AgentRegistry
    let runtime: any AgentRuntime
    let worker: RevisionWorker
    let clock: any RunClock
    let logger: Logger

    /// Call it before the first request is served and before anything is started.
    func run() async throws {
        try await resetUnfinished()
        let adopted = try await adoptAgents()
        await runtime.killOrphans(of: worker.instanceID, keeping: Set(adopted.values.map(\.pid)))
        for deployment in try await store.deployments() where !deployment.status.isBeingDeleted {
            guard let active = deployment.activeRevisionID else { continue }
            try await restore(active, of: deployment, agent: adopted[active])
        }
        for deployment in try await store.deployments() where deployment.status.isBeingDeleted {
            if deployment.status == .awaitingDelete { await worker.retire(deployment.id) }
        }
    }

    private func resetUnfinished() async throws {
        for revision in try await store.revisionsInProgress() {
            let applied = try await store.apply(.serverRestarted, to: revision.id, at: clock.date)
            for action in applied?.actions ?? [] { await worker.handle(action, revision) }
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
                try await store.removeAgent(record)
            }
        }
        return adopted
    }

    private func isWanted(_ record: AgentRecord) async throws -> Bool {
        guard let deployment = try await store.deployment(record.deploymentID) else { return false }
        return deployment.activeRevisionID == record.revisionID && !deployment.status.isBeingDeleted
    }

    private func restore(
        _ active: RevisionID, of deployment: DeploymentRecord, agent: (any RunningAgent)?
    ) async throws {
        let front = try await registry.front(of: deployment.id)
        await front.route(to: agent?.port)
        let record = AgentRecord(
            revisionID: active, deploymentID: deployment.id, pid: agent?.pid ?? 0, startTime: agent?.startTime ?? 0,
            port: agent?.port ?? 0)
        _ = await registry.putLive(agent, as: record)
        logger.info(
            agent == nil ? "restarting agent" : "adopted running agent",
            metadata: ["deployment": "\(deployment.name)", "revision": "\(active)"])
    }
}

/// Kills processes that a killed control plane started but did not record, found by a variable in their environment.
struct OrphanCleanup: Sendable {
    static let variable = "SLIPWAY_PLANE_ID"

    let instanceID: String

    /// Kills every marked session, except those led by the given processes.
    func run(keeping leaders: Set<Int32>) async {
        let sessions = Set(ProcessStat.all().filter { isMarked($0.pid) }.map(\.session))
        for session in sessions.subtracting(leaders) where session != getsid(0) {
            guard let leader = ProcessStat(of: session) else {
                killMembers(of: session)
                continue
            }
            await AgentProcess.killGroup(pid: session, startTime: leader.startTime)
        }
    }

    /// For a session whose leader has ended, so that its start time is unknown.
    private func killMembers(of session: Int32) {
        for process in ProcessStat.all() where process.session == session && isMarked(process.pid) {
            // Fails only when it has ended in the meantime.
            _ = kill(process.pid, SIGKILL)
        }
    }

    private func isMarked(_ pid: Int32) -> Bool {
        let wanted = Data("\(Self.variable)=\(instanceID)".utf8)
        // Not readable means that it belongs to another user.
        guard let environment = try? Data(contentsOf: URL(filePath: "/proc/\(pid)/environ")) else { return false }
        return environment.split(separator: 0).contains { $0 == wanted }
    }
}
