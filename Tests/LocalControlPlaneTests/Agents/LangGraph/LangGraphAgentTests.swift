import Clocks
import Foundation
import Testing

@testable import LocalControlPlane

/// A real LangGraph server, installed from the package index: `SLIPWAY_LANGGRAPH_TESTS=1` asks for it.
@Suite(
    .enabled(
        if: ProcessInfo.processInfo.environment["SLIPWAY_LANGGRAPH_TESTS"] == "1",
        "SLIPWAY_LANGGRAPH_TESTS is not 1: it installs LangGraph from the package index"))
struct LangGraphAgentTests {
    private func tree(editing edit: (String) -> String = { $0 }) throws -> AgentTree {
        let example = AgentTree.repository.appending(path: "examples/langgraph-agent")
        var files: [String: String] = [:]
        for name in ["langgraph.json", "requirements.txt"] {
            files[name] = try String(contentsOf: example.appending(path: name), encoding: .utf8)
        }
        files["agent.py"] = edit(try String(contentsOf: example.appending(path: "agent.py"), encoding: .utf8))
        return try AgentTree(files)
    }

    private func start(_ tree: AgentTree) async throws -> AgentProcess {
        let clock = SystemClock()
        let manifest = try await AgentBuilder(clock: clock).build(
            tree: tree.url, configPath: "langgraph.json", installCommand: nil, buildCommand: nil, environment: [:],
            log: { _ in })
        return try await AgentLauncher(clock: clock, ports: .any).start(
            manifest: manifest, tree: tree.url, configPath: "langgraph.json", revisionID: "revision-1",
            environment: [:], logFile: tree.log)
    }

    @Test func `the example is built, started and runs its graph`() async throws {
        let tree = try tree()
        defer { try? FileManager.default.removeItem(at: VirtualEnvironment(of: tree.url).folder) }
        let agent = try await start(tree)
        let answer = try await LoopbackHTTP(clock: SystemClock(), port: agent.port).send(
            "POST", "/runs/wait", body: Array(#"{"assistant_id": "agent", "input": {"text": "hello"}}"#.utf8),
            timeout: .seconds(60))
        await agent.stop(grace: .seconds(10))
        #expect(answer.status == 200)
        #expect(String(decoding: answer.body, as: UTF8.self).contains("You said: hello"))
    }

    @Test func `a graph that cannot be imported says which module it was`() async throws {
        let tree = try tree { "import nothing_of_that_name\n" + $0 }
        defer { try? FileManager.default.removeItem(at: VirtualEnvironment(of: tree.url).folder) }
        let failure = await #expect(throws: AgentFailure.self) { try await start(tree) }
        #expect(failure?.phase == .deploy)
        #expect(failure?.message.contains("No module named 'nothing_of_that_name'") == true)
    }
}
