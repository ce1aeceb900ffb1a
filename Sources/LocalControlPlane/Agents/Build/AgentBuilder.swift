package import Clocks
package import Foundation

/// Turns the tree of a commit into an agent that can be started.
package struct AgentBuilder: Sendable {
    private let clock: any RunClock
    private let inherited: ChildEnvironment
    private let timeLimit: Duration
    private let stopGrace: Duration

    /// `timeLimit` is each command's own; `stopGrace` is the time from SIGTERM to SIGKILL for one that is stopped.
    package init(
        clock: any RunClock, inherited: ChildEnvironment = ChildEnvironment(), timeLimit: Duration = .seconds(900),
        stopGrace: Duration = .seconds(5)
    ) {
        self.clock = clock
        self.inherited = inherited
        self.timeLimit = timeLimit
        self.stopGrace = stopGrace
    }

    /// Reads the manifest, then installs, then builds. The deployment's commands take the place of the manifest's.
    ///
    /// `environment` holds the deployment's secrets; their values are taken out of what goes to `log`, line by line.
    /// Throws `AgentFailure` (phase build) or `CancellationError`; no process is left behind by either.
    package func build(
        tree: URL, configPath: String, installCommand: String?, buildCommand: String?,
        environment: [String: String], log: @escaping @Sendable (String) async -> Void
    ) async throws -> AgentManifest {
        let manifest = try AgentManifest.load(tree: tree, configPath: configPath)
        let folder = try ConfigFile(tree: tree, path: configPath).folder
        let output = BuildLog(redact: SecretRedaction(environment), write: log)
        let runner = BuildCommand(
            clock: clock, timeLimit: timeLimit, stopGrace: stopGrace, environment: inherited.adding(environment))
        let commands = [
            ("install", Self.override(installCommand) ?? manifest.install),
            ("build", Self.override(buildCommand) ?? manifest.build),
        ]
        for case (let name, let command?) in commands {
            try await run(name, command, in: folder, with: runner, output: output)
        }
        return manifest
    }

    /// Describes a finished tree in a file beside it; `commit` and `treeID` are git's names for what was checked out.
    ///
    /// Throws the error of the file system, or `CancellationError`.
    package func seal(
        tree: URL, configPath: String, manifest: AgentManifest, commit: String, treeID: String
    ) async throws -> BuildSeal {
        let runner = BuildCommand(
            clock: clock, timeLimit: .seconds(5), stopGrace: .zero, environment: inherited.adding([:]))
        let seal = BuildSeal(
            commit: commit, tree: treeID, configPath: configPath, kind: manifest.kind,
            tools: try await ToolVersions.read(with: runner, in: tree))
        try seal.write(to: BuildSeal.file(of: tree))
        return seal
    }

    private func run(
        _ name: String, _ command: AgentCommand, in folder: URL, with runner: BuildCommand, output: BuildLog
    ) async throws {
        await output.startCommand(command.description)
        let status: ExitStatus?
        do {
            status = try await runner.run(command.argv(), in: folder, log: output)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw AgentFailure(phase: .build, message: "the \(name) command failed: \(error)")
        }
        guard status != .exited(0) else { return }
        let reason = status.map { "failed with \($0)" } ?? "was stopped after \(timeLimit.brief)"
        throw AgentFailure(
            phase: .build, message: "the \(name) command \(reason)",
            hint: "run it in a check-out of this commit: \(output.redact(command.description))",
            lastLines: await output.lastLines)
    }

    /// An API client may send an empty text where it means none.
    private static func override(_ command: String?) -> AgentCommand? {
        command.flatMap { $0.allSatisfy(\.isWhitespace) ? nil : .shell($0) }
    }
}
