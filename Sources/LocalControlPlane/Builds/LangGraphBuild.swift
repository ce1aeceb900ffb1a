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
    let note: @Sendable (String) async -> Void

    /// Throws what `run` throws.
    func callAsFunction() async throws {
        // An interrupted build may have left one.
        try? FileManager.default.removeItem(at: environment.folder)
        try await run("venv", .arguments(tools.makeEnvironment(environment, version: config.pythonVersion)))
        if let installCommand {
            try await run("install", installCommand)
            try await install([Self.server])
        } else {
            try await install(
                config.dependencies.flatMap { LangGraphDependency($0).arguments(in: folder) } + [Self.server])
        }
        guard FileManager.default.isExecutableFile(atPath: environment.server) else {
            throw AgentFailure(
                phase: .build, message: "program \"langgraph\" not found after installing \(Self.server)",
                hint: "check that no dependency requires an old langgraph-cli")
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
        manifest.health = "/ok?check_db=1"
        manifest.identity = "/info"
        manifest.graphChecks = graphs.map { .graph($0.name) }
        // Python compiles every module at the first start of a new environment.
        manifest.startTimeout = .seconds(120)
        manifest.queue = "/metrics?format=json"
        return manifest
    }

    private static let variables = [
        "LANGGRAPH_CLI_NO_ANALYTICS": "1", "LANGGRAPH_NO_VERSION_CHECK": "true", "LANGSMITH_TRACING": "false",
        "LOG_JSON": "true", "LOG_COLOR": "false", "PYTHONUNBUFFERED": "1",
    ]
}

extension SmokeTest {
    /// Checks that the server has loaded the graph, without a run or a model call.
    fileprivate static func graph(_ name: String) -> SmokeTest {
        // Cannot fail: the values are a string and a number.
        let body = try? JSONEncoder().encode(AssistantSearch(graphID: name, limit: 1))
        return SmokeTest(method: "POST", path: "/assistants/search", body: body, expectsResults: true)
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
