import Foundation
import Testing

@testable import CLI

struct LocalAgentConfigTests {
    private func config(_ json: String) throws -> LocalAgentConfig {
        let file = FileManager.default.temporaryDirectory.appending(path: "config-\(UUID().uuidString).json")
        try Data(json.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return LocalAgentConfig(at: file.path)
    }

    @Test func `a LangGraph agent is asked below its prefix, and has a link to Studio`() throws {
        let config = try config(
            #"{"graphs": {"b": "./b.py:g", "a": {"path": "./a.py:g"}}, "http": {"mount_prefix": "/my"}, "env": ".env"}"#
        )
        #expect(config.environmentFile == ".env")
        #expect(
            config.guide(url: "http://127.0.0.1:30000") == [
                "the agent is live at http://127.0.0.1:30000/my",
                "  try:    curl http://127.0.0.1:30000/my/runs/wait -H 'Content-Type: application/json' "
                    + #"-d '{"assistant_id": "a", "input": {}}'"#,
                "  Studio: https://smith.langchain.com/studio/?baseUrl=http://127.0.0.1:30000/my",
            ])
    }

    @Test(arguments: [
        (#"{"command": {"start": "run"}, "env": ".env", "graphs": {"a": "./a.py:g"}}"#, "curl http://h/ok"),
        (#"{"command": {"start": "run", "health": "/up"}}"#, "curl http://h/up"),
        (
            #"{"command": {"start": "run", "smoke": {"path": "/ask", "body": {"q": "it's"}}}}"#,
            #"curl http://h/ask -H 'Content-Type: application/json' -d '{"q":"it'\''s"}'"#
        ),
        ("{", "curl http://h/ok"),
    ]) func `a plain agent gets the request of its smoke test, else its health check`(json: String, command: String)
        throws
    {
        let config = try config(json)
        #expect(config.environmentFile == nil)
        #expect(config.guide(url: "http://h") == ["the agent is live at http://h", "  try:    \(command)"])
    }
}
