import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials
import Git
import Glibc
import Reports
import Steps

/// What a deploy to the local control plane adds for a person at a terminal.
struct LocalDeploy: Sendable {
    let agent: LocalAgentConfig
    /// Whether the agent stays up after the run until Ctrl-C.
    var staysUp = false
    var hasUV = true
    /// Deploys again with the variables that are not in the commit.
    var commandWithVariables: String?

    static let logsHint = "--logs shows the whole log"

    /// What to know about a build that takes long.
    var buildLineHint: String {
        Self.logsHint + (agent.graphs.isEmpty || hasUV ? "" : "; with uv on PATH the build is faster")
    }

    /// The lines that follow a successful run.
    func guide(url: String) -> [String] {
        agent.guide(url: url) + (staysUp ? ["press Ctrl-C to stop the agent and the local control plane"] : [])
    }

    private static let checkInterval = Duration.seconds(1)

    /// Returns once `cancellation` has a signal, which may have come before.
    ///
    /// Throws `StepFailure` (unreachable) when the control plane ends before.
    static func stayUp(
        until cancellation: RunCancellation, clock: any RunClock, planeHasEnded: @escaping @Sendable () -> Bool
    ) async throws {
        // A closed terminal ends this process, and with it the control plane.
        signal(SIGHUP, SIG_DFL)
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { _ = await cancellation.waitForSignal() }
            group.addTask {
                while !planeHasEnded() { try await clock.sleep(for: checkInterval) }
                throw StepFailure(
                    .unreachable, code: "LocalPlaneEnded",
                    "the local control plane has ended: the agent does not serve any more",
                    hint: "deploy again, or keep it up in a terminal of its own with slipway serve")
            }
            try await group.next()
        }
    }
}

/// Finds a file of variables that is in the working tree, but not in the commit, so that the agent lacks them.
struct UncommittedVariables: Sendable {
    let session: RunSession
    let options: DeployOptions
    /// Its name, if it has one.
    let deployment: String?
    let agent: LocalAgentConfig
    /// The configuration's path.
    let config: String

    /// Warns, and returns the command that deploys with the variables; nil when none are missing.
    func warn() async -> String? {
        let root = session.connection.repository ?? "."
        let folder = config.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        guard let file = agent.environmentFile, options.settings.secretsFile == nil,
            let name = RepositoryPath.name(of: file, from: folder, root: root),
            FileManager.default.fileExists(atPath: "\(root)/\(name)"), await !isCommitted(name, in: root),
            await !deploymentHasSecrets()
        else { return nil }
        let path = "\(root)/\(name)"
        let here = RepositoryPath.name(of: path, from: "/", root: FileManager.default.currentDirectoryPath) ?? path
        let words = CommandLine.arguments.dropFirst() + ["--secrets", "merge", "--secrets-file", here]
        let command = "slipway " + words.map(ShellWord.quoted).joined(separator: " ")
        StandardError.diagnostics(
            isCI: session.terminal.isCI(session.dependencies.environment), color: session.terminal.color
        ).warning("\(name) is not in the commit: the agent starts without its variables", hint: "run \(command)")
        return command
    }

    /// True when it cannot be read, which is for the run to report.
    private func isCommitted(_ name: String, in root: String) async -> Bool {
        guard let repository = try? await Repository.open(containing: root),
            let commit = try? await repository.resolve(options.sha ?? options.ref ?? "HEAD")
        else { return true }
        return (try? await repository.contains(path: name, in: commit)) ?? true
    }

    /// Those of an earlier deploy are kept.
    private func deploymentHasSecrets() async -> Bool {
        guard let name = deployment,
            let transports = try? session.dependencies.transport({ _ in })
        else { return false }
        defer { transports.plain.shutDown() }
        let client = session.connection.client(transports, session.dependencies)
        return (try? await client.deployment(named: name))?.secrets?.isEmpty == false
    }
}
