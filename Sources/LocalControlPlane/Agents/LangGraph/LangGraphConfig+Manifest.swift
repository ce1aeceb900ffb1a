import Foundation

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
