import Clocks
import Foundation

/// Turns the tree of a commit into an agent that can be started.
struct AgentBuilder: Sendable {
    private let clock: any RunClock
    private let inherited: ChildEnvironment
    private let timeLimit: Duration
    private let stopGrace: Duration
    private let known: InstallHistory

    /// `timeLimit` is each command's own; `stopGrace` is the time from SIGTERM to SIGKILL for one that is stopped.
    init(
        clock: any RunClock, inherited: ChildEnvironment = .build(), timeLimit: Duration = .seconds(900),
        stopGrace: Duration = .seconds(5), known: InstallHistory = InstallHistory()
    ) {
        self.clock = clock
        self.inherited = inherited
        self.timeLimit = timeLimit
        self.stopGrace = stopGrace
        self.known = known
    }

    /// Reads the manifest, then installs, then builds. The deployment's commands take the place of the manifest's.
    ///
    /// `environment` holds the deployment's secrets; their values are taken out of what goes to `log`, line by line.
    /// Throws `AgentFailure` (phase build) or `CancellationError`; no process is left behind by either.
    func build(
        tree: URL, configPath: String, installCommand: String?, buildCommand: String?,
        environment: [String: String], log: @escaping @Sendable (String) async -> Void
    ) async throws -> AgentManifest {
        let manifest = try AgentManifest.load(tree: tree, configPath: configPath)
        let folder = try ConfigFile(tree: tree, path: configPath).folder
        let output = BuildLog(redact: SecretRedaction(environment), write: log)
        let runner = BuildCommand(
            clock: clock, timeLimit: timeLimit, stopGrace: stopGrace,
            environment: variables(of: manifest, environment))
        let installCommand = Self.override(installCommand)
        if let config = manifest.langGraph, let virtual = manifest.virtualEnvironment {
            try config.check(in: folder, tree: tree, file: configPath)
            try await LangGraphBuild(
                config: config, folder: folder, environment: virtual,
                tools: .choose(path: inherited.path, config: config), installCommand: installCommand, known: known,
                run: { try await run($0, $1, in: folder, with: runner, output: output) }, note: log)()
        } else if let command = installCommand ?? manifest.install {
            try await run("install", command, in: folder, with: runner, output: output)
        }
        if let command = Self.override(buildCommand) ?? manifest.build {
            try await run("build", command, in: folder, with: runner, output: output)
        }
        return manifest
    }

    private func variables(of manifest: AgentManifest, _ secrets: [String: String]) -> [String: String] {
        guard let virtual = manifest.virtualEnvironment else { return inherited.adding(secrets) }
        // The tree has no .git to ask for a version, and a build never fetches a Python of its own.
        let defaults = ["SETUPTOOLS_SCM_PRETEND_VERSION": "0.0.0", "UV_PYTHON_DOWNLOADS": "never"]
        return inherited.adding(
            defaults.merging(secrets) { $1 }, virtual.activation(path: secrets["PATH"] ?? inherited.path))
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
        let failureLine = FailureLine.find(in: await output.lastLines).map { ": \($0)" } ?? ""
        throw AgentFailure(
            phase: .build, message: "the \(name) command \(reason)\(failureLine)",
            hint: "run it in a check-out of this commit: \(output.redact(command.description))",
            lastLines: await output.lastLines)
    }

    /// An API client may send an empty text where it means none.
    private static func override(_ command: String?) -> AgentCommand? {
        command.flatMap { $0.allSatisfy(\.isWhitespace) ? nil : .shell($0) }
    }
}
