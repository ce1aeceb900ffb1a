import Clocks
import ControlPlaneTypes
import Foundation
import Logging

/// Performs the work of a revision: builds it, deploys it, and writes its logs.
struct RevisionWorker: Sendable {
    let store: Store
    let state: PlaneDirectory
    let sources: SourceTree
    let runtime: any AgentRuntime
    let registry: AgentRegistry
    let logs: RevisionLogs
    let retention: RetentionService
    /// Marks the processes that this control plane starts, as an environment variable.
    let instanceID: String
    let faults: ActiveFaults
    let clock: any RunClock
    let logger: Logger

    func build(_ revision: RevisionRecord) async {
        let log = await logs.log(.build, of: revision)
        do {
            try await injectFault(.build, revision, log: log)
            try await sources.populate(revision, log: log)
            try await runtime.build(spec(for: revision)) { await log.append($0) }
            await log.append("build finished")
            try await apply(.built, revision)
        } catch {
            await fail(.buildFailed, revision, error, log: log)
        }
    }

    func deploy(_ revision: RevisionRecord) async {
        let log = await logs.log(.deploy, of: revision)
        do {
            let front = try await registry.front(of: revision.deploymentID)
            try await injectFault(.deploy, revision, log: log)
            await log.append("starting agent")
            let agent = try await start(revision, log: log)
            await log.append("agent is healthy (pid \(agent.pid), port \(agent.port))")
            guard let promotion = try await promote(agent, of: revision, front: front) else { return }
            await log.append("live at http://127.0.0.1:\(front.port)")
            if promotion.actions.contains(.retirePrevious), let previous = promotion.replaced {
                await registry.retire(previous)
            }
            await retention.prune(revision.deploymentID)
        } catch {
            await fail(.deployFailed, revision, error, log: log)
        }
    }

    /// Stops a deployment that is being deleted and removes its files.
    func retire(_ deployment: DeploymentID) async {
        await registry.retire(deployment)
        do {
            try await retention.removeAll(of: deployment)
            try await store.update(deployment) { $0.status = .awaitingFinalDelete }
        } catch is CancellationError {
            // The control plane stops; the next start finishes the deletion.
            return
        } catch {
            logger.warning("cannot remove the files of a deleted deployment", metadata: ["error": "\(error)"])
        }
    }

    /// Performs the actions that need no task of their own: log lines and the removal of an incomplete build.
    func handle(_ action: RevisionAction, _ revision: RevisionRecord) async {
        let log = await logs.log(revision.isBuilt ? .deploy : .build, of: revision)
        switch action {
        case .logSuperseded:
            await log.append("skipped: superseded by a newer revision", level: .warning)
            await closeLogs(of: revision)
        case .logInterrupted: await log.append("interrupted", level: .warning)
        case .logRestart: await log.append("control plane restarted: starting over", level: .warning)
        case .discardTree:
            do {
                try sources.discard(revision.artifactID)
            } catch {
                logger.warning("cannot remove a failed build", metadata: ["error": "\(error)"])
            }
        case .build, .deploy, .retirePrevious, .cancelWork: break
        }
    }

    /// Closes the logs unless the revision is live; then the supervisor closes them.
    func closeLogs(of revision: RevisionRecord) async {
        if await !registry.isLive(revision.id, in: revision.deploymentID) { await logs.close(revision.id) }
    }

    func spec(for revision: RevisionRecord) -> AgentSpec {
        AgentSpec(
            revisionID: revision.id, tree: state.tree(of: revision.artifactID),
            configPath: revision.config.configPath ?? "langgraph.json", installCommand: revision.installCommand,
            buildCommand: revision.buildCommand,
            environment: revision.environment.merging([OrphanCleanup.variable: instanceID]) { $1 })
    }

    func agentLogFile(of revision: RevisionRecord) -> URL {
        state.folder(of: revision.id).appending(path: "agent.out")
    }

    /// Copies the agent's output into the log while it starts, and the rest of it when it fails.
    private func start(_ revision: RevisionRecord, log: RevisionLog) async throws -> any RunningAgent {
        let output = AgentLogForwarder(file: agentLogFile(of: revision))
        let outcome = await withTaskGroup(of: Void.self) { group in
            group.addTask { await output.follow(into: log, clock: clock) }
            let outcome: Result<any RunningAgent, any Error>
            do {
                outcome = .success(try await runtime.start(spec(for: revision), logFile: output.file))
            } catch {
                outcome = .failure(error)
            }
            group.cancelAll()
            return outcome
        }
        if case .failure = outcome { await output.forward(into: log) }
        return try outcome.get()
    }

    private struct Promotion {
        var actions: [RevisionAction]
        var replaced: ReplacedAgent?
    }

    /// Routes requests to the new agent before the API reports DEPLOYED, so that a client that reads it can rely on it.
    ///
    /// - Returns: nil when the revision was interrupted in the meantime; the agent is then stopped.
    private func promote(
        _ agent: any RunningAgent, of revision: RevisionRecord, front: any FrontProxy
    ) async throws -> Promotion? {
        let record = AgentRecord(
            revisionID: revision.id, deploymentID: revision.deploymentID, pid: agent.pid,
            startTime: agent.startTime, port: agent.port)
        let previous = await registry.agent(of: revision.deploymentID)
        await front.route(to: agent.port)
        do {
            if let actions = try await store.activate(record, at: clock.date) {
                return Promotion(actions: actions, replaced: await registry.putLive(agent, as: record))
            }
        } catch {
            await front.route(to: previous?.port)
            await agent.stop(grace: nil)
            throw error
        }
        await front.route(to: previous?.port)
        await agent.stop(grace: nil)
        return nil
    }

    /// Applies a fault that matches this phase.
    private func injectFault(_ phase: Fault.Phase, _ revision: RevisionRecord, log: RevisionLog) async throws {
        guard await !faults.entries.isEmpty else { return }
        let name = try await store.deployment(revision.deploymentID)?.name ?? ""
        guard let fault = await faults.trigger(phase, deployment: name) else { return }
        await log.append("fault injected: \(fault.text)", level: .warning)
        if fault.delay > .zero { try await clock.sleep(for: fault.delay) }
        guard case .phase(_, _, let failure?) = fault.target else { return }
        throw AgentFailure(phase: phase == .build ? .build : .deploy, message: failure)
    }

    private func apply(_ event: RevisionEvent, _ revision: RevisionRecord) async throws {
        let applied = try await store.apply(event, to: revision.id, at: clock.date)
        for action in applied?.actions ?? [] { await handle(action, revision) }
    }

    /// Ignores cancellation: the revision was interrupted, or the next start of the control plane resumes it.
    private func fail(_ event: RevisionEvent, _ revision: RevisionRecord, _ error: any Error, log: RevisionLog) async {
        if error is CancellationError || Task.isCancelled { return }
        await log.append("\(error)", level: .error)
        do {
            try await apply(event, revision)
            await retention.prune(revision.deploymentID)
        } catch {
            logger.error("cannot record a failed revision", metadata: ["error": "\(error)"])
        }
    }
}
