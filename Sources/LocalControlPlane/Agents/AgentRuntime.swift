import ControlPlaneTypes
import Foundation

/// How agents are built and run: processes on this machine, or stand-ins in a test.
protocol AgentRuntime: Sendable {
    /// - Throws: `AgentFailure` or `CancellationError`; nothing it started is left behind.
    func build(_ spec: AgentSpec, log: @escaping @Sendable (String) async -> Void) async throws
    /// Returns once the agent is healthy, is the one that was started, and passed its smoke test.
    ///
    /// - Throws: `AgentFailure` or `CancellationError`; nothing it started is left behind.
    func start(_ spec: AgentSpec, logFile: URL) async throws -> any RunningAgent
    /// The process that an earlier plane recorded; nil when it is gone.
    func adopt(_ record: AgentRecord, spec: AgentSpec) async -> (any RunningAgent)?
    /// Ends what is left of a recorded process, at once.
    func kill(_ record: AgentRecord) async
    /// Ends every process that an earlier plane of this state started, but for the given ones.
    func sweep(instanceID: String, keeping pids: Set<Int32>) async
    /// - Parameter port: where it listened before; another one is taken when that is not free.
    func openFront(port: Int?) async throws -> any FrontProxy
}

/// What an agent is built from and started with.
struct AgentSpec: Sendable {
    var revisionID: RevisionID
    var tree: URL
    var configPath: String
    var installCommand: String?
    var buildCommand: String?
    var environment: [String: String]
}

/// A process that answers requests.
protocol RunningAgent: Sendable {
    var pid: Int32 { get }
    var startTime: UInt64 { get }
    var port: Int { get }
    var isAlive: Bool { get }
    func isHealthy() async -> Bool
    /// Returns when no work is under way that nobody waits for on a connection, or the limit has passed.
    func finishWork(atMost limit: Duration) async
    /// Returns when the process and all it started are gone, also when the task is cancelled.
    ///
    /// - Parameter grace: at most this long from SIGTERM to SIGKILL; nil leaves it to the agent's manifest.
    func stop(grace: Duration?) async
}

/// The address that a deployment keeps while its agents change.
protocol FrontProxy: Sendable {
    var port: Int { get }
    /// New connections go there from now on, or nowhere; open ones stay where they are.
    func route(to port: Int?) async
    /// Returns when no connection is left to that agent, or the limit has passed.
    func drain(_ port: Int, atMost limit: Duration) async
    func close() async
}

/// Why a commit did not become a running agent.
struct AgentFailure: Error, Sendable, CustomStringConvertible {
    /// The step of a revision's life that failed; it decides between BUILD_FAILED and DEPLOY_FAILED.
    enum Phase: String, Sendable {
        case build, deploy
    }

    let phase: Phase
    let message: String
    let hint: String?
    /// What the command or the agent wrote last, oldest first.
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
