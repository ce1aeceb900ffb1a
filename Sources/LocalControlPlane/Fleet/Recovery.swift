import Clocks
import ControlPlaneTypes
import Foundation
import Logging

/// Takes over what an earlier control plane of the same state left: its running agents and its unfinished work.
struct Recovery: Sendable {
    let store: Store
    let fleet: Fleet
    let runtime: any AgentRuntime
    let work: RevisionWork
    let clock: any RunClock
    let logger: Logger

    /// To be done before the first request and before anything is started.
    func run() async throws {
        try await resetUnfinished()
        let adopted = try await adoptAgents()
        await runtime.sweep(planeID: work.planeID, keeping: Set(adopted.values.map(\.pid)))
        for deployment in try await store.deployments() where !deployment.status.isBeingDeleted {
            guard let active = deployment.activeRevisionID else { continue }
            try await bringBack(active, of: deployment, agent: adopted[active])
        }
        for deployment in try await store.deployments() where deployment.status.isBeingDeleted {
            if deployment.status == .awaitingDelete { await work.retire(deployment.id) }
        }
    }

    private func resetUnfinished() async throws {
        for revision in try await store.revisionsUnderWay() {
            let applied = try await store.apply(.planeRestarted, to: revision.id, at: clock.date)
            for action in applied?.actions ?? [] { await work.note(action, revision) }
        }
    }

    private func adoptAgents() async throws -> [RevisionID: any RunningAgent] {
        var adopted: [RevisionID: any RunningAgent] = [:]
        for record in try await store.agents() {
            if try await isWanted(record), let revision = try await store.revision(record.revisionID),
                let agent = await runtime.adopt(record, order: work.order(for: revision))
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
        let front = try await fleet.front(of: deployment.id)
        await front.route(to: agent?.port)
        let record = AgentRecord(
            revisionID: active, deploymentID: deployment.id, pid: agent?.pid ?? 0, startTime: agent?.startTime ?? 0,
            port: agent?.port ?? 0)
        _ = await fleet.putLive(agent, as: record)
        logger.info(
            agent == nil ? "starting an agent again" : "took over a running agent",
            metadata: ["deployment": "\(deployment.name)", "revision": "\(active)"])
    }
}
