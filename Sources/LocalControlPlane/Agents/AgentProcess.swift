import Clocks
import Foundation
import Processes
import Redaction

/// An agent that runs on this machine, started by this control plane or an earlier one.
struct AgentProcess: Sendable, Equatable {
    let session: ProcessSession
    /// On loopback.
    let port: Int

    var pid: Int32 { session.id }

    /// Field 22 of `/proc/PID/stat`; with the pid it identifies a process until the next boot.
    var startTime: UInt64 { session.startTime }

    var isAlive: Bool { session.leaderIsRunning }

    /// The process that an earlier control plane recorded; nil when it has ended, also when its pid was reused.
    static func adopt(pid: Int32, startTime: UInt64, port: Int) -> AgentProcess? {
        let session = ProcessSession(id: pid, startTime: startTime)
        return session.leaderIsRunning ? AgentProcess(session: session, port: port) : nil
    }

    /// Sends SIGTERM to everything the agent started, SIGKILL after `grace`, and returns when all of it has ended, even
    /// if the task is cancelled. Call it for a crashed agent too: it may have left workers behind.
    func stop(grace: Duration) async {
        await session.end(grace: grace)
    }

    /// Kills what is left of a recorded process, whether or not its leader still runs.
    static func killGroup(pid: Int32, startTime: UInt64) async {
        await ProcessSession(id: pid, startTime: startTime).end(grace: .zero)
    }
}

/// Starts a built agent and returns it once it is healthy, has the right identity and passes its smoke test.
struct AgentLauncher: Sendable {
    private let clock: any RunClock
    private let inherited: ChildEnvironment
    private let ports: LoopbackPorts
    private let limits: AgentLimits

    init(
        clock: any RunClock, inherited: ChildEnvironment = ChildEnvironment(), ports: LoopbackPorts,
        limits: AgentLimits = AgentLimits()
    ) {
        self.limits = limits
        self.clock = clock
        self.inherited = inherited
        self.ports = ports
    }

    /// `environment` holds the deployment's secrets. The agent keeps running when this process ends.
    ///
    /// Throws `AgentFailure` (phase deploy) or `CancellationError`, and leaves no process behind.
    func start(
        manifest: AgentManifest, tree: URL, configPath: String, revisionID: String, environment: [String: String],
        logFile: URL
    ) async throws -> AgentProcess {
        let port = try await ports.free()
        let log = try AgentLogFile(file: logFile, redactor: Redactor(deploymentSecrets: environment))
        let own = ["PORT": String(port), "REVISION_ID": revisionID, "LANGSMITH_HOST_REVISION_ID": revisionID]
        let child: SessionProcess
        do {
            child = try SessionProcess(
                argv: manifest.start.argv(port: port),
                folder: ConfigFile(tree: tree, path: configPath).folder.path,
                environment: variables(of: manifest, environment, own), output: log.descriptor)
        } catch let error as SpawnError {
            throw AgentFailure(phase: .deploy, message: "cannot start the agent: \(error)")
        }
        let probe = ReadinessProbe(
            clock: clock, manifest: manifest, limits: limits, child: child, port: port, revisionID: revisionID, log: log
        )
        do {
            try await probe.run()
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
        return inherited.adding(secrets, manifest.variables.merging(activation) { $1 }.merging(own) { $1 })
    }
}
