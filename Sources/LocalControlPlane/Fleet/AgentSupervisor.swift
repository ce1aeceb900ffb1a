import Clocks
import ControlPlaneTypes
import Foundation
import Logging
import ServiceLifecycle

/// Watches every live agent, and starts one again that died or no longer answers.
struct AgentSupervisor: Service {
    let fleet: Fleet
    let store: Store
    let runtime: any AgentRuntime
    let work: RevisionWork
    let logs: RevisionLogs
    /// Whether agents go on running when the plane ends.
    var keepsAgents = false
    let clock: any RunClock
    let logger: Logger

    /// Ends with the service group, and stops every agent before it returns, unless they are to be kept.
    func run() async throws {
        await watchAll()
        guard !keepsAgents else { return }
        await fleet.stopAll()
        // Builds and agents may have started sessions of their own, which nobody knows by now.
        await runtime.sweep(planeID: work.planeID, keeping: [])
    }

    func watchAll() async {
        await withDiscardingTaskGroup { group in
            for await record in fleet.activations.cancelOnGracefulShutdown() {
                group.addTask { await watch(record) }
            }
            group.cancelAll()
        }
    }

    /// Returns when another revision is live, or when starting it again is given up.
    private func watch(_ record: AgentRecord) async {
        do {
            guard let revision = try await store.revision(record.revisionID) else { return }
            let log = await logs.log(.deploy, of: revision)
            let output = AgentOutput(file: work.agentOutput(of: revision))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await output.follow(into: log, clock: clock) }
                try await keepAlive(revision, log: log)
                group.cancelAll()
            }
            await logs.close(revision.id)
        } catch is CancellationError {
            return
        } catch {
            logger.error("an agent is not watched any more", metadata: ["error": "\(error)"])
        }
    }

    private func keepAlive(_ revision: RevisionRecord, log: RevisionLog) async throws {
        var policy = LivenessPolicy()
        while await fleet.isLive(revision.id, in: revision.deploymentID) {
            let decision = await check(revision, policy: &policy)
            switch decision {
            case .wait:
                try await clock.sleep(for: LivenessPolicy.checkInterval)
            case .restart(let pause):
                try await clock.sleep(for: pause)
                await restart(revision, log: log)
            case .giveUp:
                await log.append("the agent died too often and is not started again", level: .critical)
                return
            }
        }
    }

    private func check(_ revision: RevisionRecord, policy: inout LivenessPolicy) async -> LivenessPolicy.Decision {
        guard let agent = await fleet.agent(of: revision.deploymentID), agent.isAlive else {
            return policy.died(at: clock.now)
        }
        return policy.checked(healthy: await agent.isHealthy(), at: clock.now)
    }

    private func restart(_ revision: RevisionRecord, log: RevisionLog) async {
        await log.append("the agent is gone or does not answer: starting it again", level: .warning)
        do {
            await fleet.agent(of: revision.deploymentID)?.stop(grace: nil)
            let agent = try await runtime.start(
                work.order(for: revision), logFile: work.agentOutput(of: revision))
            let record = AgentRecord(
                revisionID: revision.id, deploymentID: revision.deploymentID, pid: agent.pid,
                startTime: agent.startTime, port: agent.port)
            do {
                if try await fleet.replaceDead(with: agent, as: record) {
                    await log.append("the agent is healthy again (pid \(agent.pid))")
                    return
                }
            } catch {
                await agent.stop(grace: nil)
                throw error
            }
            await agent.stop(grace: nil)
        } catch is CancellationError {
            return
        } catch {
            await log.append("the agent did not start: \(error)", level: .error)
        }
    }
}
