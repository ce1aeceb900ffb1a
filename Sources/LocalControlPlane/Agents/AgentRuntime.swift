import ControlPlaneTypes
import Foundation

/// Builds and runs agents: as processes on this machine, or as fakes in a test.
protocol AgentRuntime: Sendable {
    /// - Throws: `AgentFailure` or `CancellationError`, and leaves nothing running.
    func build(_ spec: AgentSpec, log: @escaping @Sendable (String) async -> Void) async throws
    /// Returns once the agent is healthy, has the right identity and passed its smoke test.
    ///
    /// - Throws: `AgentFailure` or `CancellationError`, and leaves nothing running.
    func start(_ spec: AgentSpec, logFile: URL) async throws -> any RunningAgent
    /// The process that an earlier control plane recorded; nil when it has ended.
    func adopt(_ record: AgentRecord, spec: AgentSpec) async -> (any RunningAgent)?
    /// Kills what is left of a recorded process.
    func kill(_ record: AgentRecord) async
    /// Kills every process that a control plane of this instance started, except the given ones.
    func killOrphans(of instanceID: String, keeping pids: Set<Int32>) async
    /// - Parameter port: where the proxy listened before; if it is taken, another one is chosen.
    func openFrontProxy(port: Int?) async throws -> any FrontProxy
}

/// Describes what an agent is built from and started with.
struct AgentSpec: Sendable {
    var revisionID: RevisionID
    var tree: URL
    var configPath: String
    var installCommand: String?
    var buildCommand: String?
    var environment: [String: String]
}

/// An agent's process.
protocol RunningAgent: Sendable {
    var pid: Int32 { get }
    var startTime: UInt64 { get }
    var port: Int { get }
    var isAlive: Bool { get }
    func isHealthy() async -> Bool
    /// How it exceeds a limit; nil while it does not.
    var excess: String? { get }
    /// Returns when the agent's queue of background runs is empty, or after `limit`.
    func finishQueuedRuns(atMost limit: Duration) async
    /// Returns when the process and everything it started have ended, also when the task is cancelled.
    ///
    /// - Parameter grace: the longest time from SIGTERM to SIGKILL; nil takes the manifest's.
    func stop(grace: Duration?) async
}

/// The stable address of a deployment, which forwards requests to its live agent.
protocol FrontProxy: Sendable {
    var port: Int { get }
    /// Sends the next requests to that port; nil answers 503. Open requests stay where they are.
    func route(to port: Int?) async
    /// Returns when no request to that port is open; cuts off the rest after `limit`.
    func drain(_ port: Int, atMost limit: Duration) async
    func close() async
}

/// Explains why a commit did not become a running agent.
struct AgentFailure: Error, Sendable, CustomStringConvertible {
    /// The phase that failed: BUILD_FAILED or DEPLOY_FAILED.
    enum Phase: String, Sendable {
        case build, deploy
    }

    let phase: Phase
    let message: String
    let hint: String?
    /// The last lines of the command's or agent's output, oldest first.
    let lastLines: [String]

    init(phase: Phase, message: String, hint: String? = nil, lastLines: [String] = []) {
        self.phase = phase
        self.message = message
        self.hint = hint
        self.lastLines = lastLines
    }

    var description: String {
        [message, hint.map { "hint: " + $0 }].compactMap(\.self).joined(separator: "\n")
    }
}

extension AgentFailure {
    /// Enough for a Python traceback.
    static let mostLastLines = 30
}
