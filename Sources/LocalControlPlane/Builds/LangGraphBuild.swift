import Foundation

/// Creates the Python environment that a LangGraph agent runs in.
struct LangGraphBuild: Sendable {
    /// The server package; installed beside the agent, in the version that the agent's dependencies require.
    static let server = "langgraph-cli[inmem]"

    let config: LangGraphConfig
    let folder: URL
    let environment: VirtualEnvironment
    let tools: PackageInstaller
    /// Replaces the installation of the dependencies.
    let installCommand: AgentCommand?
    let history: InstallHistory
    let run: @Sendable (_ name: String, AgentCommand) async throws -> Void
    let succeeds: @Sendable (_ argv: [String]) async throws -> Bool
    let note: @Sendable (String) async -> Void

    /// Throws what `run` throws.
    func callAsFunction() async throws {
        // An interrupted build may have left one.
        try? FileManager.default.removeItem(at: environment.folder)
        let python = tools == .pip ? try await findPython() : ""
        try await run(
            "venv", .arguments(tools.makeEnvironment(environment, version: config.pythonVersion, python: python)))
        if let installCommand {
            try await run("install", installCommand)
        } else {
            try await installDependencies()
        }
        try await installServer()
        guard FileManager.default.isExecutableFile(atPath: environment.server) else {
            throw AgentFailure(
                phase: .build, message: "program \"langgraph\" not found after installing \(Self.server)",
                hint: "check that no dependency requires an old langgraph-cli")
        }
    }

    /// The first interpreter on PATH that a server can run on; pip takes the one that creates the environment.
    private func findPython() async throws -> String {
        let names =
            config.pythonVersion.map { ["python\($0)"] }
            ?? ["python3", "python3.13", "python3.12", "python3.11", "python3.14"]
        for name in names
        where try await succeeds([name, "-c", "import sys, venv; sys.exit(sys.version_info < (3, 11))"]) {
            return name
        }
        throw AgentFailure(
            phase: .build,
            message: config.pythonVersion.map { "python\($0) not found on PATH, which \"python_version\" requires" }
                ?? "Python 3.11 or later not found on PATH (tried \(names.joined(separator: ", ")))",
            hint: "install it with its venv module, or install uv")
    }

    private func installDependencies() async throws {
        if let project = config.project { try await install(project) }
        let arguments = config.dependencies.flatMap { LangGraphDependency($0).arguments(in: folder) }
        if !arguments.isEmpty { try await install(arguments) }
    }

    /// As locked with uv. pip cannot read the lock file.
    private func install(_ project: UVProject) async throws {
        switch tools {
        case .uv(let program):
            let package = project.package.map { ["--package", $0] } ?? []
            let options = ["sync", "--frozen", "--active", "--inexact", "--no-dev", "--project", project.root]
            try await run("install", .arguments([program] + options + package))
        case .pip:
            if let package = project.package {
                throw AgentFailure(
                    phase: .build, message: "\"source.package\" \"\(package)\" requires uv, which is not on PATH",
                    hint: "install uv")
            }
            await note("warning: uv is not on PATH: installing \(project.root) without the versions of its uv.lock")
            try await install(["--editable", project.root])
        }
    }

    /// After the dependencies, as by hand: together, the installer would fit the server to the agent's oldest pin.
    private func installServer() async throws {
        let before = InstalledPackages(in: environment)
        try await install([Self.server])
        for replacement in before.replacements(in: InstalledPackages(in: environment)) {
            await note("warning: \(Self.server) requires \(replacement)")
        }
    }

    private func install(_ arguments: [String]) async throws {
        let key = InstallHistory.key(
            // Not the environment's path, which differs for each revision.
            of: arguments + [config.pythonVersion ?? "", "\(tools)"], folder: folder,
            dependencies: config.dependencies)
        let earlier = await history.environment(for: key)
        try await install(arguments, offlineFirst: earlier != nil && tools.canWorkOffline)
        if let earlier { BytecodeReuse(earlier: earlier, new: environment)() }
        await history.insert(key, environment)
    }

    private func install(_ arguments: [String], offlineFirst: Bool) async throws {
        if offlineFirst {
            do {
                return try await run(
                    "install", .arguments(tools.install(arguments, into: environment, offline: true)))
            } catch is AgentFailure {
                await note("package cache is incomplete: installing from the network")
            }
        }
        try await run("install", .arguments(tools.install(arguments, into: environment, offline: false)))
    }
}

extension LangGraphConfig {
    /// The preset that starts and checks a LangGraph server.
    ///
    /// `file` is the name of the configuration file in the server's working directory.
    func manifest(in environment: VirtualEnvironment, file: String) -> AgentManifest {
        var manifest = AgentManifest(
            start: .arguments([
                environment.server, "dev", "--config", file, "--no-browser", "--no-reload", "--host", "127.0.0.1",
                "--port", "{port}", "--n-jobs-per-worker", "4",
            ]))
        manifest.kind = .langgraph
        manifest.langGraph = self
        manifest.virtualEnvironment = environment
        manifest.variables = Self.variables
        manifest.health = mountPrefix + "/ok?check_db=1"
        manifest.identity = mountPrefix + "/info"
        // `disable_meta` and an application of the agent's own may take /info away.
        manifest.identityIsOptional = true
        manifest.graphChecks = graphs.map { .graph($0.name, below: mountPrefix, expectsResults: !hasAuth) }
        manifest.queue = mountPrefix + "/metrics?format=json"
        return manifest
    }

    private static let variables = [
        "LANGGRAPH_CLI_NO_ANALYTICS": "1", "LANGGRAPH_NO_VERSION_CHECK": "true", "LANGSMITH_TRACING": "false",
        "LOG_JSON": "true", "LOG_COLOR": "false", "PYTHONUNBUFFERED": "1",
    ]
}

extension SmokeTest {
    /// Checks that the server has loaded the graph, without a run or a model call.
    ///
    /// A refusal says nothing about the graph: a server ends by itself when one does not load.
    fileprivate static func graph(_ name: String, below prefix: String, expectsResults: Bool) -> SmokeTest {
        // Cannot fail: the values are a string and a number.
        let body = try? JSONEncoder().encode(AssistantSearch(graphID: name, limit: 1))
        return SmokeTest(
            method: "POST", path: prefix + "/assistants/search", body: body, expectsResults: expectsResults,
            acceptsRefusal: true)
    }
}

private struct AssistantSearch: Encodable {
    let graphID: String
    let limit: Int

    private enum CodingKeys: String, CodingKey {
        case graphID = "graph_id"
        case limit
    }
}

/// The versions of the packages in an environment.
struct InstalledPackages {
    private var versions: [String: String] = [:]

    /// Every new environment has them, in whatever version.
    private static let ofEnvironment = ["pip", "setuptools", "wheel"]

    init(in environment: VirtualEnvironment) {
        let library = environment.folder.appending(path: "lib").path
        // Nothing is installed in an environment without these folders.
        for python in (try? FileManager.default.contentsOfDirectory(atPath: library)) ?? [] {
            let packages = try? FileManager.default.contentsOfDirectory(atPath: "\(library)/\(python)/site-packages")
            for name in packages ?? [] where name.hasSuffix(".dist-info") {
                let parts = name.dropLast(".dist-info".count).split(separator: "-")
                if parts.count == 2 { versions[String(parts[0])] = String(parts[1]) }
            }
        }
    }

    /// Such as `langgraph 1.0.2 instead of 0.2.76`, sorted.
    func replacements(in later: InstalledPackages) -> [String] {
        versions.sorted { $0.key < $1.key }.compactMap { name, version in
            guard !Self.ofEnvironment.contains(name), let other = later.versions[name], other != version else {
                return nil
            }
            return "\(name) \(other) instead of \(version)"
        }
    }
}
