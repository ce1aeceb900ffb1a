import Clocks
import ControlPlaneTypes
import Foundation
import Logging
import ServiceLifecycle

/// Checks every live agent and restarts one that has ended or no longer answers.
struct AgentSupervisor: Service {
    let registry: AgentRegistry
    let store: Store
    let runtime: any AgentRuntime
    let worker: RevisionWorker
    let logs: RevisionLogs
    /// Whether agents keep running when the control plane stops.
    var keepsAgents = false
    let clock: any RunClock
    let logger: Logger

    /// Runs until the service group shuts down, then stops every agent unless they are to be kept.
    func run() async throws {
        await watchAll()
        guard !keepsAgents else { return }
        await registry.stopAll()
        // Builds and agents may have started sessions that are not recorded anywhere.
        await runtime.killOrphans(of: worker.instanceID, keeping: [])
    }

    func watchAll() async {
        await withDiscardingTaskGroup { group in
            for await record in registry.activations.cancelOnGracefulShutdown() {
                group.addTask { await watch(record) }
            }
            group.cancelAll()
        }
    }

    /// Returns when another revision is live, or after too many restarts.
    private func watch(_ record: AgentRecord) async {
        do {
            guard let revision = try await store.revision(record.revisionID) else { return }
            let log = await logs.log(.deploy, of: revision)
            let output = AgentLogForwarder(file: worker.agentLogFile(of: revision))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await output.follow(into: log, clock: clock) }
                try await keepAlive(revision, log: log)
                group.cancelAll()
            }
            await logs.close(revision.id)
        } catch is CancellationError {
            return
        } catch {
            logger.error("agent is no longer supervised", metadata: ["error": "\(error)"])
        }
    }

    private func keepAlive(_ revision: RevisionRecord, log: RevisionLog) async throws {
        var policy = LivenessPolicy()
        while await registry.isLive(revision.id, in: revision.deploymentID) {
            let (decision, reason) = await check(revision, policy: &policy)
            switch decision {
            case .wait:
                try await clock.sleep(for: LivenessPolicy.checkInterval)
            case .restart(let pause):
                try await clock.sleep(for: pause)
                await restart(revision, because: reason, log: log)
            case .giveUp:
                await log.append("agent crashed too often: no more restarts", level: .critical)
                return
            }
        }
    }

    private func check(
        _ revision: RevisionRecord, policy: inout LivenessPolicy
    ) async -> (LivenessPolicy.Decision, reason: String) {
        guard let agent = await registry.agent(of: revision.deploymentID), agent.isAlive else {
            return (policy.died(at: clock.now), "has ended")
        }
        if let excess = agent.excess { return (policy.died(at: clock.now), excess) }
        return (policy.checked(healthy: await agent.isHealthy(), at: clock.now), "is not responding")
    }

    private func restart(_ revision: RevisionRecord, because reason: String, log: RevisionLog) async {
        await log.append("agent \(reason): restarting", level: .warning)
        do {
            await registry.agent(of: revision.deploymentID)?.stop(grace: nil)
            let agent = try await runtime.start(
                worker.spec(for: revision), logFile: worker.agentLogFile(of: revision))
            let record = AgentRecord(
                revisionID: revision.id, deploymentID: revision.deploymentID, pid: agent.pid,
                startTime: agent.startTime, port: agent.port)
            do {
                if try await registry.replaceDead(with: agent, as: record) {
                    await log.append("agent is healthy again (pid \(agent.pid))")
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
            await log.append("restart failed: \(error)", level: .error)
        }
    }
}

/// Decides when an agent that does not answer is restarted, and when to give up.
struct LivenessPolicy: Sendable {
    /// Between two checks of an agent's health.
    static let checkInterval = Duration.seconds(5)
    /// Misses in a row before the agent counts as dead.
    private static let toleratedMisses = 3
    private static let longestPause = Duration.seconds(30)
    /// Restarts allowed within the window.
    private static let restartLimit = 5
    private static let restartWindow = Duration.seconds(600)

    enum Decision: Equatable, Sendable {
        case wait
        case restart(after: Duration)
        case giveUp
    }

    private var misses = 0
    private var restarts: [MonotonicInstant] = []

    mutating func checked(healthy: Bool, at now: MonotonicInstant) -> Decision {
        misses = healthy ? 0 : misses + 1
        return misses < Self.toleratedMisses ? .wait : died(at: now)
    }

    /// Call it when the process has ended or a restart has failed.
    mutating func died(at now: MonotonicInstant) -> Decision {
        misses = 0
        restarts.removeAll { $0.duration(to: now) > Self.restartWindow }
        guard restarts.count < Self.restartLimit else { return .giveUp }
        // The first restart is immediate; the next ones wait 1, 2, 4 … seconds.
        let pause = restarts.isEmpty ? Duration.zero : .seconds(1 << (restarts.count - 1))
        restarts.append(now)
        return .restart(after: min(pause, Self.longestPause))
    }
}
