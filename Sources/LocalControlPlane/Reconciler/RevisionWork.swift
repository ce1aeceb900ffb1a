import Clocks
import ControlPlaneTypes
import Foundation
import Logging

/// What is done for a revision: built, deployed, and told about in its logs.
struct RevisionWork: Sendable {
    let store: Store
    let state: StateDirectory
    let sources: SourceTree
    let runtime: any AgentRuntime
    let fleet: Fleet
    let logs: RevisionLogs
    /// Marks the processes that this plane starts.
    let planeID: String
    let clock: any RunClock
    let logger: Logger

    func build(_ revision: RevisionRecord) async {
        let log = await logs.log(.build, of: revision)
        do {
            try await sources.materialise(revision, log: log)
            try await runtime.build(order(for: revision)) { await log.append($0) }
            await log.append("built")
            try await settle(.built, revision)
        } catch {
            await fail(.buildFailed, revision, error, log: log)
        }
    }

    func deploy(_ revision: RevisionRecord) async {
        let log = await logs.log(.deploy, of: revision)
        do {
            let front = try await fleet.front(of: revision.deploymentID)
            await log.append("starting the agent")
            let agent = try await runtime.start(order(for: revision), logFile: agentOutput(of: revision))
            await log.append("the agent is healthy (pid \(agent.pid), port \(agent.port))")
            guard let replaced = try await promote(agent, of: revision, front: front) else { return }
            await log.append("live at http://127.0.0.1:\(front.port)")
            if let agent = replaced.agent { await fleet.retire(agent) }
        } catch {
            await fail(.deployFailed, revision, error, log: log)
        }
    }

    /// Stops a deployment that is being deleted and removes what was built for it.
    func retire(_ deployment: DeploymentID) async {
        await fleet.retire(deployment)
        do {
            let all = try await store.revisions(of: deployment, slice: PageSlice(limit: .max, offset: 0))
            for revision in all { try sources.discard(revision.artifactID) }
            try await store.update(deployment) { $0.status = .awaitingFinalDelete }
        } catch {
            logger.warning("cannot clean up after a deployment", metadata: ["error": "\(error)"])
        }
    }

    func note(_ action: RevisionAction, _ revision: RevisionRecord) async {
        let log = await logs.log(revision.isBuilt ? .deploy : .build, of: revision)
        switch action {
        case .noteSuperseded: await log.append("skipped: a newer revision waits", level: .warning)
        case .noteInterrupted: await log.append("interrupted", level: .warning)
        case .noteRestart: await log.append("the control plane was restarted: starting over", level: .warning)
        case .discardTree:
            do {
                try sources.discard(revision.artifactID)
            } catch {
                logger.warning("cannot remove a failed build", metadata: ["error": "\(error)"])
            }
        case .build, .deploy, .retirePrevious, .cancelWork: break
        }
    }

    func order(for revision: RevisionRecord) -> AgentOrder {
        AgentOrder(
            revisionID: revision.id, tree: state.tree(of: revision.artifactID),
            configPath: revision.config.configPath ?? "langgraph.json", installCommand: revision.installCommand,
            buildCommand: revision.buildCommand,
            environment: revision.environment.merging([OrphanSweep.variable: planeID]) { $1 })
    }

    func agentOutput(of revision: RevisionRecord) -> URL {
        state.folder(of: revision.id).appending(path: "agent.out")
    }

    private struct Promotion {
        var agent: ReplacedAgent?
    }

    /// Requests go to the new agent before the API says so: who reads DEPLOYED finds it answering.
    ///
    /// - Returns: nil when the revision was interrupted meanwhile; the agent is stopped then.
    private func promote(
        _ agent: any RunningAgent, of revision: RevisionRecord, front: any AgentFront
    ) async throws -> Promotion? {
        let record = AgentRecord(
            revisionID: revision.id, deploymentID: revision.deploymentID, pid: agent.pid,
            startTime: agent.startTime, port: agent.port)
        let previous = await fleet.agent(of: revision.deploymentID)
        await front.route(to: agent.port)
        do {
            if try await store.activate(record, at: clock.date) != nil {
                return Promotion(agent: await fleet.putLive(agent, as: record))
            }
        } catch {
            await front.route(to: previous?.port)
            await agent.stop()
            throw error
        }
        await front.route(to: previous?.port)
        await agent.stop()
        return nil
    }

    private func settle(_ event: RevisionEvent, _ revision: RevisionRecord) async throws {
        let applied = try await store.apply(event, to: revision.id, at: clock.date)
        for action in applied?.actions ?? [] { await note(action, revision) }
    }

    /// A cancelled revision was interrupted, or the plane stops and takes it up at its next start: neither failed.
    private func fail(_ event: RevisionEvent, _ revision: RevisionRecord, _ error: any Error, log: RevisionLog) async {
        if error is CancellationError || Task.isCancelled { return }
        if let failure = error as? AgentFailure {
            if event == .deployFailed {
                for line in failure.lastLines { await log.append(line) }
            }
            await log.append(failure.description, level: .error)
        } else {
            await log.append("\(error)", level: .error)
        }
        do {
            try await settle(event, revision)
        } catch {
            logger.error("cannot record a failed revision", metadata: ["error": "\(error)"])
        }
    }
}
