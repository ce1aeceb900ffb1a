import Clocks
import ControlPlaneTypes
import Foundation
import Logging

/// The live agent and the front proxy of every deployment.
actor AgentRegistry {
    /// How long a replaced agent may take to finish its open requests.
    private static let drainLimit = Duration.seconds(30)

    /// Keeps the shutdown of the whole control plane below ten seconds.
    private static let shutdownGrace = Duration.seconds(4)

    private struct Live {
        var record: AgentRecord
        /// Nil while there is no process.
        var agent: (any RunningAgent)?
    }

    /// Yields every agent that becomes live and has to be supervised.
    nonisolated let activations: AsyncStream<AgentRecord>
    private let announce: AsyncStream<AgentRecord>.Continuation
    private let store: Store
    private let runtime: any AgentRuntime
    private let logger: Logger
    private var fronts: [DeploymentID: any FrontProxy] = [:]
    private var live: [DeploymentID: Live] = [:]

    init(store: Store, runtime: any AgentRuntime, logger: Logger) {
        self.store = store
        self.runtime = runtime
        self.logger = logger
        (activations, announce) = AsyncStream.makeStream()
    }

    /// Opens the deployment's front proxy if there is none yet, on its previous port if that is free.
    ///
    /// - Throws: `ServerError` for a deployment that is being deleted.
    func front(of deployment: DeploymentID) async throws -> any FrontProxy {
        if let front = fronts[deployment] { return front }
        guard let record = try await store.deployment(deployment), !record.status.isBeingDeleted else {
            throw ServerError(
                .deploymentDeleted, "cannot start an agent of deployment \(deployment): it is being deleted")
        }
        let remembered = record.frontPort
        let front = try await runtime.openFrontProxy(port: remembered)
        if let other = fronts[deployment] {
            await front.close()
            return other
        }
        fronts[deployment] = front
        let port = front.port
        if port != remembered { try await store.update(deployment) { $0.frontPort = port } }
        return front
    }

    func agent(of deployment: DeploymentID) -> (any RunningAgent)? { live[deployment]?.agent }

    func isLive(_ revision: RevisionID, in deployment: DeploymentID) -> Bool {
        live[deployment]?.record.revisionID == revision
    }

    /// Records the agent that the deployment's front proxy routes to, and has it supervised.
    ///
    /// - Parameter agent: nil when the revision is live but its process has ended; the supervisor restarts it.
    /// - Returns: the previous agent, which still has to be retired.
    func putLive(_ agent: (any RunningAgent)?, as record: AgentRecord) -> ReplacedAgent? {
        let previous = live.updateValue(Live(record: record, agent: agent), forKey: record.deploymentID)
        announce.yield(record)
        guard let previous, let agent = previous.agent else { return nil }
        return ReplacedAgent(record: previous.record, agent: agent)
    }

    /// Replaces the ended process of the live revision with a new one.
    ///
    /// - Returns: false when another revision became live in the meantime.
    func replaceDead(with agent: any RunningAgent, as record: AgentRecord) async throws -> Bool {
        guard isLive(record.revisionID, in: record.deploymentID) else { return false }
        try await store.saveAgent(record)
        guard isLive(record.revisionID, in: record.deploymentID) else { return false }
        live[record.deploymentID] = Live(record: record, agent: agent)
        await fronts[record.deploymentID]?.route(to: agent.port)
        return true
    }

    /// Lets a replaced agent finish its requests, then stops it.
    func retire(_ replaced: ReplacedAgent) async {
        await fronts[replaced.record.deploymentID]?.drain(replaced.agent.port, atMost: Self.drainLimit)
        await replaced.agent.finishQueuedRuns(atMost: Self.drainLimit)
        await replaced.agent.stop(grace: nil)
        await forget(replaced.record)
    }

    /// Stops a deployment's agent and front proxy.
    func retire(_ deployment: DeploymentID, grace: Duration? = nil) async {
        let agent = live.removeValue(forKey: deployment)
        await fronts.removeValue(forKey: deployment)?.close()
        guard let agent, let process = agent.agent else { return }
        await process.stop(grace: grace)
        await forget(agent.record)
    }

    /// Stops everything; the next control plane starts the live revisions again.
    func stopAll() async {
        announce.finish()
        let deployments = Set(live.keys).union(fronts.keys)
        await withDiscardingTaskGroup { group in
            for deployment in deployments { group.addTask { await self.retire(deployment, grace: Self.shutdownGrace) } }
        }
    }

    private func forget(_ record: AgentRecord) async {
        do {
            try await store.removeAgent(record)
        } catch is CancellationError {
            // The control plane stops; the next start drops the record because the process has ended.
            return
        } catch {
            logger.warning("cannot remove the record of a stopped agent", metadata: ["error": "\(error)"])
        }
    }
}

/// An agent that another one has replaced.
struct ReplacedAgent: Sendable {
    let record: AgentRecord
    let agent: any RunningAgent
}
