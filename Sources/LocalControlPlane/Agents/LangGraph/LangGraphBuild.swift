import Foundation

/// Makes the Python environment that a LangGraph agent runs in.
struct LangGraphBuild: Sendable {
    /// The server is a tool of the agent: it is installed beside it, in the version that the agent names if it does.
    static let server = "langgraph-cli[inmem]"

    let config: LangGraphConfig
    let folder: URL
    let environment: VirtualEnvironment
    let tools: PythonTools
    /// Takes the place of installing the dependencies.
    let installCommand: AgentCommand?
    let known: KnownInstalls
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
        let key = KnownInstalls.key(
            // The environment's own path differs from one revision to the next.
            of: arguments + [config.pythonVersion ?? "", "\(tools)"], folder: folder,
            dependencies: config.dependencies)
        let earlier = await known.environment(for: key)
        try await install(arguments, offlineFirst: earlier != nil && tools.canWorkOffline)
        if let earlier { BytecodeSeed(earlier: earlier, fresh: environment)() }
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
