import Clocks
import ControlPlaneTypes
import Foundation
import Logging

/// The agents that run and the fronts that lead to them.
actor AgentRegistry {
    /// How long an agent that was replaced may take for the requests that it still has.
    private static let drainLimit = Duration.seconds(30)

    /// The plane itself has to be gone within ten seconds.
    private static let shutdownGrace = Duration.seconds(4)

    private struct Live {
        var record: AgentRecord
        /// Nil while there is no process.
        var agent: (any RunningAgent)?
    }

    /// Says which revision's agent is to be watched from now on.
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

    /// Opens the deployment's front when it has none yet, where it was before if that port is free.
    ///
    /// - Throws: `ServerError` for a deployment that is being deleted.
    func front(of deployment: DeploymentID) async throws -> any FrontProxy {
        if let front = fronts[deployment] { return front }
        guard let record = try await store.deployment(deployment), !record.status.isBeingDeleted else {
            throw ServerError(.deploymentDeleted, "deployment \(deployment) is being deleted")
        }
        let remembered = record.frontPort
        let front = try await runtime.openFront(port: remembered)
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

    /// Takes an agent that its deployment's front leads to already, and has it watched from now on.
    ///
    /// - Parameter agent: nil when the revision is live but its process is gone; it is started again then.
    /// - Returns: the agent that was there before; it still has to be retired.
    func putLive(_ agent: (any RunningAgent)?, as record: AgentRecord) -> ReplacedAgent? {
        let previous = live.updateValue(Live(record: record, agent: agent), forKey: record.deploymentID)
        announce.yield(record)
        guard let previous, let agent = previous.agent else { return nil }
        return ReplacedAgent(record: previous.record, agent: agent)
    }

    /// Puts a fresh process of the revision that is live in the place of one that died.
    ///
    /// - Returns: false when another revision has become live meanwhile.
    func replaceDead(with agent: any RunningAgent, as record: AgentRecord) async throws -> Bool {
        guard isLive(record.revisionID, in: record.deploymentID) else { return false }
        try await store.remember(record)
        guard isLive(record.revisionID, in: record.deploymentID) else { return false }
        live[record.deploymentID] = Live(record: record, agent: agent)
        await fronts[record.deploymentID]?.route(to: agent.port)
        return true
    }

    /// Lets a replaced agent finish its requests and stops it.
    func retire(_ replaced: ReplacedAgent) async {
        await fronts[replaced.record.deploymentID]?.drain(replaced.agent.port, atMost: Self.drainLimit)
        await replaced.agent.finishWork(atMost: Self.drainLimit)
        await replaced.agent.stop(grace: nil)
        await forget(replaced.record)
    }

    /// Stops all of a deployment: its agent and its front.
    func retire(_ deployment: DeploymentID, grace: Duration? = nil) async {
        let agent = live.removeValue(forKey: deployment)
        await fronts.removeValue(forKey: deployment)?.close()
        guard let agent, let process = agent.agent else { return }
        await process.stop(grace: grace)
        await forget(agent.record)
    }

    /// Stops everything; a later plane starts what is live again.
    func stopAll() async {
        announce.finish()
        let deployments = Set(live.keys).union(fronts.keys)
        await withDiscardingTaskGroup { group in
            for deployment in deployments { group.addTask { await self.retire(deployment, grace: Self.shutdownGrace) } }
        }
    }

    private func forget(_ record: AgentRecord) async {
        do {
            try await store.forget(record)
        } catch is CancellationError {
            // The plane stops; the next start finds a record of a process that is gone, and drops it.
            return
        } catch {
            logger.warning("cannot forget a stopped agent", metadata: ["error": "\(error)"])
        }
    }
}

/// An agent that another one has taken the place of.
struct ReplacedAgent: Sendable {
    let record: AgentRecord
    let agent: any RunningAgent
}
