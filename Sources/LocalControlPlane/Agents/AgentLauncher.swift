package import Clocks
package import Foundation

/// Starts a built agent and lets it pass only when it is healthy, the one we started, and answers its smoke test.
package struct AgentLauncher: Sendable {
    private let clock: any RunClock
    private let inherited: ChildEnvironment
    private let ports: LoopbackPorts

    package init(clock: any RunClock, inherited: ChildEnvironment = ChildEnvironment(), ports: LoopbackPorts) {
        self.clock = clock
        self.inherited = inherited
        self.ports = ports
    }

    /// `environment` holds the deployment's secrets. The agent lives on when this process dies.
    ///
    /// Throws `AgentFailure` (phase deploy) or `CancellationError`; no process is left behind by either.
    package func start(
        manifest: AgentManifest, tree: URL, configPath: String, revisionID: String, environment: [String: String],
        logFile: URL
    ) async throws -> AgentProcess {
        let port = try await ports.free()
        let log = try AgentLog(file: logFile, redact: SecretRedaction(environment))
        let own = ["PORT": String(port), "REVISION_ID": revisionID, "LANGSMITH_HOST_REVISION_ID": revisionID]
        let child: SessionProcess
        do {
            child = try SessionProcess(
                argv: manifest.start.argv(port: port),
                folder: ConfigFile(tree: tree, path: configPath).folder.path,
                environment: variables(of: manifest, environment, own), output: log.descriptor, limits: .agent)
        } catch let error as SpawnError {
            throw AgentFailure(phase: .deploy, message: "the agent failed to start: \(error)")
        }
        let probation = AgentProbation(
            clock: clock, manifest: manifest, child: child, port: port, revisionID: revisionID, log: log)
        do {
            try await probation.run()
        } catch {
            await child.session.end(grace: manifest.stopTimeout)
            throw error
        }
        return AgentProcess(session: child.session, port: port)
    }

    private func variables(
        of manifest: AgentManifest, _ secrets: [String: String], _ own: [String: String]
    ) -> [String: String] {
        let path = secrets["PATH"] ?? inherited.path
        let activation = manifest.virtualEnvironment?.activation(path: path) ?? [:]
        return inherited.adding(secrets, manifest.switches.merging(activation) { $1 }.merging(own) { $1 })
    }
}
