import Foundation
import Redaction
import TestSupport
import Testing

@testable import LocalControlPlane

struct AgentLogForwarderTests {
    private func messages(after rounds: [String]) async throws -> [LogLine] {
        try await ServerFixture.withState { state in
            let file = LogFile(kind: .deploy, revisionFolder: state.root)
            let output = state.root.appending(path: "agent.out")
            try Data().write(to: output)
            for text in rounds {
                let handle = try FileHandle(forWritingTo: output)
                try handle.seekToEnd()
                try handle.write(contentsOf: Data(text.utf8))
                try handle.close()
                // A fresh writer and reader each time, as after a restart.
                let log = RevisionLog(file: file, redactor: Redactor(secrets: ["hush-hush"]), clock: VirtualClock())
                await AgentLogForwarder(file: output).forward(into: log)
            }
            return file.lines()
        }
    }

    @Test
    func `each line is logged once, when it is complete`() async throws {
        #expect(try await messages(after: ["one\ntw", "o\nthree\n", ""]).map(\.message) == ["one", "two", "three"])
    }

    @Test
    func `structured lines keep their level and secrets are redacted`() async throws {
        let lines = try await messages(after: [#"{"level": "error", "event": "it broke: hush-hush"}"# + "\nplain\n"])
        #expect(lines.map(\.message) == ["it broke: ***", "plain"])
        #expect(lines.map(\.level) == [.error, .info])
    }

    @Test
    func `a truncated file is read from its start`() async throws {
        try await ServerFixture.withState { state in
            let file = LogFile(kind: .deploy, revisionFolder: state.root)
            let output = state.root.appending(path: "agent.out")
            let log = RevisionLog(file: file, redactor: Redactor(), clock: VirtualClock())
            try Data("a long first line\n".utf8).write(to: output)
            await AgentLogForwarder(file: output).forward(into: log)
            try Data("new\n".utf8).write(to: output)
            await AgentLogForwarder(file: output).forward(into: log)
            #expect(file.lines().map(\.message) == ["a long first line", "new"])
        }
    }
}

struct FailureLineTests {
    @Test(arguments: [
        (
            [
                #"{"event": "Graph 'agent' failed to load: ModuleNotFoundError: No module named 'x'", "level": "error"}"#,
                #"{"event": "Application startup failed. Exiting.", "level": "error"}"#,
            ], "Graph 'agent' failed to load: ModuleNotFoundError: No module named 'x'"
        ),
        (["Traceback (most recent call last):", "ValueError: no", "bye"], "ValueError: no"),
        (
            ["error: No solution found", "  cause: Because x was not found, we conclude."],
            "cause: Because x was not found, we conclude."
        ),
        (
            [
                #"{"event": "Traceback (most recent call last):\n  File \"a.py\", line 1\nRuntimeError: EMBED_KEY is not set\n", "level": "error"}"#,
                #"{"event": "Application startup failed. Exiting.", "level": "error"}"#,
            ], "RuntimeError: EMBED_KEY is not set"
        ),
        (
            [
                #"{"event": "it broke", "exception": "Traceback (most recent call last):\n  File\napp.NoQuota: none left"}"#
            ],
            "app.NoQuota: none left"
        ),
        (
            [
                #"{"event": "Graph 'a' failed to load: pydantic_core.ValidationError: 1 validation error for Search"}"#,
                #"{"event": "Traceback (most recent call last):\n  File\nGraphLoadError: 'a' from ./a.py: 1 validation error for Search\n  Value error, Did not find `SEARCH_KEY` [type=value_error, input_value={}]\n    For further information visit x"}"#,
            ],
            "Graph 'a' failed to load: pydantic_core.ValidationError: 1 validation error for Search: "
                + "Value error, Did not find `SEARCH_KEY`"
        ),
        (
            [
                "Traceback (most recent call last):", "  File",
                "pydantic.ValidationError: 2 validation errors for Settings",
                "api_key", "  Field required [type=missing, input_value={}, input_type=dict]",
                "    For further information visit x", "url",
            ], "pydantic.ValidationError: 2 validation errors for Settings: api_key: Field required"
        ),
        (["  | Traceback (most recent call last):", "  |   File \"a.py\"", "  | Stop: 3"], "Stop: 3"),
        (["Error: Invalid value for '--config'"], "Error: Invalid value for '--config'"),
    ])
    func `the line that explains the failure is found`(lines: [String], failureLine: String) {
        #expect(FailureLine.find(in: lines) == failureLine)
    }

    @Test func `an agent without output has no failure line`() {
        #expect(FailureLine.find(in: ["listening", "bye"]) == nil)
    }
}
