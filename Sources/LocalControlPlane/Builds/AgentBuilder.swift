import Clocks
import Foundation
import Processes
import Redaction

/// Builds the tree of a commit into an agent that can be started.
struct AgentBuilder: Sendable {
    private let clock: any RunClock
    private let inherited: ChildEnvironment
    private let timeLimit: Duration
    private let stopGrace: Duration
    private let history: InstallHistory

    /// `timeLimit` applies to each command; `stopGrace` is the time from SIGTERM to SIGKILL.
    init(
        clock: any RunClock, inherited: ChildEnvironment = .build(), timeLimit: Duration = .seconds(900),
        stopGrace: Duration = .seconds(5), history: InstallHistory = InstallHistory()
    ) {
        self.clock = clock
        self.inherited = inherited
        self.timeLimit = timeLimit
        self.stopGrace = stopGrace
        self.history = history
    }

    /// Reads the manifest, installs, then builds. The deployment's commands override the manifest's.
    ///
    /// `environment` holds the deployment's secrets; their values are redacted from the lines sent to `log`.
    /// Throws `AgentFailure` (phase build) or `CancellationError`, and leaves no process behind.
    func build(
        tree: URL, configPath: String, installCommand: String?, buildCommand: String?,
        environment: [String: String], log: @escaping @Sendable (String) async -> Void
    ) async throws -> AgentManifest {
        let manifest = try AgentManifest.load(tree: tree, configPath: configPath)
        let folder = try ConfigFile(tree: tree, path: configPath).folder
        let output = BuildLog(redactor: Redactor(deploymentSecrets: environment), write: log)
        let runner = BuildCommand(
            clock: clock, timeLimit: timeLimit, stopGrace: stopGrace,
            environment: variables(of: manifest, environment))
        let installCommand = Self.override(installCommand)
        if let config = manifest.langGraph, let virtual = manifest.virtualEnvironment {
            try config.check(in: folder, tree: tree, file: configPath)
            for warning in config.warnings(in: folder, tree: tree, file: configPath) {
                await log("warning: \(configPath): \(warning)")
            }
            try await LangGraphBuild(
                config: config, folder: folder, environment: virtual,
                tools: .choose(path: inherited.path, config: config), installCommand: installCommand, history: history,
                run: { try await run($0, $1, in: folder, with: runner, output: output) },
                succeeds: { try await succeeds($0, in: folder, with: runner) }, note: log)()
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
        // The tree has no .git to take a version from, and a build must not download Python.
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
            throw AgentFailure(phase: .build, message: "cannot run the \(name) command: \(error)")
        }
        guard status != .exited(0) else { return }
        let reason = status.map { "failed with \($0)" } ?? "timed out after \(timeLimit.brief)"
        let failureLine = FailureLine.find(in: await output.lastLines).map { ": \($0)" } ?? ""
        throw AgentFailure(
            phase: .build, message: "\(name) command \(reason)\(failureLine)",
            hint: "run it in a checkout of this commit: \(output.redactor.redact(command.description))",
            lastLines: await output.lastLines)
    }

    /// Nothing of it is logged.
    private func succeeds(_ argv: [String], in folder: URL, with runner: BuildCommand) async throws -> Bool {
        try await runner.run(argv, in: folder, log: BuildLog(redactor: Redactor(), write: { _ in })) == .exited(0)
    }

    /// API clients may send an empty string for no command.
    private static func override(_ command: String?) -> AgentCommand? {
        command.flatMap { $0.allSatisfy(\.isWhitespace) ? nil : .shell($0) }
    }
}
