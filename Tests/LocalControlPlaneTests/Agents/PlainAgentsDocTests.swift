import Clocks
import Foundation
import Testing

@testable import LocalControlPlane

struct PlainAgentsDocTests {
    @Test func `every JSON example of the guide is a valid manifest`() throws {
        let file = AgentTree.repository.appending(path: "docs/plain-agents.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let examples = text.components(separatedBy: "```json\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
        #expect(examples.count == 2)
        for example in examples {
            _ = try AgentManifest.decode(
                Data(example.utf8), file: "docs/plain-agents.md",
                tree: URL(filePath: "/srv/tree"))
        }
    }

    @Test func `the example agent builds`() async throws {
        let tree = try AgentTree()
        let copy = tree.url.appending(path: "agent")
        try FileManager.default.copyItem(at: AgentTree.example, to: copy)
        let recorder = LineRecorder()
        _ = try await AgentBuilder(clock: SystemClock()).build(
            tree: copy, configPath: "langgraph.json", installCommand: nil, buildCommand: nil, environment: [:],
            log: { await recorder.append($0) })
        #expect(await recorder.lines.last == "OK")
    }

    @Test func `a broken example does not`() async throws {
        let tree = try AgentTree()
        let copy = tree.url.appending(path: "agent")
        try FileManager.default.copyItem(at: AgentTree.example, to: copy)
        try Data("def run(:".utf8).write(to: copy.appending(path: "agent.py"))
        let failure = await #expect(throws: AgentFailure.self) {
            try await AgentBuilder(clock: SystemClock()).build(
                tree: copy, configPath: "langgraph.json", installCommand: nil, buildCommand: nil, environment: [:],
                log: { _ in })
        }
        #expect(failure?.lastLines.contains { $0.contains("SyntaxError") } == true)
    }
}
