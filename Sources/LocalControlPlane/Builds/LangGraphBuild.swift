import Foundation

/// Makes the Python environment that a LangGraph agent runs in.
struct LangGraphBuild: Sendable {
    /// The server is a tool of the agent: it is installed beside it, in the version that the agent names if it does.
    static let server = "langgraph-cli[inmem]"

    let config: LangGraphConfig
    let folder: URL
    let environment: VirtualEnvironment
    let tools: PackageInstaller
    /// Takes the place of installing the dependencies.
    let installCommand: AgentCommand?
    let known: InstallHistory
    let run: @Sendable (_ name: String, AgentCommand) async throws -> Void
    let note: @Sendable (String) async -> Void

    /// Throws what `run` throws.
    func callAsFunction() async throws {
        // What an interrupted build left.
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
                phase: .build, message: "\(Self.server) was installed, but has no program \"langgraph\"",
                hint: "does a dependency ask for a very old langgraph-cli?")
        }
    }

    private func install(_ arguments: [String]) async throws {
        let key = InstallHistory.key(
            // The environment's own path differs from one revision to the next.
            of: arguments + [config.pythonVersion ?? "", "\(tools)"], folder: folder,
            dependencies: config.dependencies)
        let earlier = await known.environment(for: key)
        try await install(arguments, offlineFirst: earlier != nil && tools.canWorkOffline)
        if let earlier { BytecodeReuse(earlier: earlier, fresh: environment)() }
        await known.insert(key, environment)
    }

    private func install(_ arguments: [String], offlineFirst: Bool) async throws {
        if offlineFirst {
            do {
                return try await run(
                    "install", .arguments(tools.install(arguments, into: environment, offline: true)))
            } catch is AgentFailure {
                await note("the cache does not hold it all any more: installing with the network")
            }
        }
        try await run("install", .arguments(tools.install(arguments, into: environment, offline: false)))
    }
}

extension LangGraphConfig {
    /// How its server is started and checked: a preset of what a plain agent says itself.
    ///
    /// `file` is the name of the configuration file in the folder where the server runs.
    func manifest(in environment: VirtualEnvironment, file: String) -> AgentManifest {
        var manifest = AgentManifest(
            start: .arguments([
                environment.server, "dev", "--config", file, "--no-browser", "--no-reload", "--host", "127.0.0.1",
                "--port", "{port}", "--n-jobs-per-worker", "4",
            ]))
        manifest.kind = .langgraph
        manifest.langGraph = self
        manifest.virtualEnvironment = environment
        manifest.switches = Self.switches
        manifest.health = "/ok?check_db=1"
        manifest.identity = "/info"
        manifest.graphChecks = graphs.map { .graph($0.name) }
        // Python compiles everything at the first start of a fresh environment.
        manifest.startTimeout = .seconds(120)
        manifest.queue = "/metrics?format=json"
        return manifest
    }

    private static let switches = [
        "LANGGRAPH_CLI_NO_ANALYTICS": "1", "LANGGRAPH_NO_VERSION_CHECK": "true", "LANGSMITH_TRACING": "false",
        "LOG_JSON": "true", "LOG_COLOR": "false", "PYTHONUNBUFFERED": "1",
    ]
}

extension SmokeTest {
    /// Asks whether the server has loaded the graph; costs no run and no model.
    fileprivate static func graph(_ name: String) -> SmokeTest {
        // Cannot fail: both values are texts and numbers.
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
