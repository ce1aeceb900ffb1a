import Foundation
import TestSupport
import Testing

@testable import LocalControlPlane

struct AgentOutputTests {
    private func messages(after rounds: [String]) async throws -> [LogLine] {
        try await PlaneFixture.withState { state in
            let file = LogFile(kind: .deploy, revisionFolder: state.root)
            let output = state.root.appending(path: "agent.out")
            try Data().write(to: output)
            for text in rounds {
                let handle = try FileHandle(forWritingTo: output)
                try handle.seekToEnd()
                try handle.write(contentsOf: Data(text.utf8))
                try handle.close()
                // A fresh writer and reader each time, as after a restart.
                let log = RevisionLog(file: file, redact: SecretRedaction(["A": "hush-hush"]), clock: VirtualClock())
                await AgentOutput(file: output).forward(into: log)
            }
            return file.lines()
        }
    }

    @Test
    func `each line is told once, when it is whole`() async throws {
        #expect(try await messages(after: ["one\ntw", "o\nthree\n", ""]).map(\.message) == ["one", "two", "three"])
    }

    @Test
    func `structured lines bring their level, secrets stay secret`() async throws {
        let lines = try await messages(after: [#"{"level": "error", "event": "it broke: hush-hush"}"# + "\nplain\n"])
        #expect(lines.map(\.message) == ["it broke: ***", "plain"])
        #expect(lines.map(\.level) == [.error, .info])
    }

    @Test
    func `a file that was emptied is read from its start`() async throws {
        try await PlaneFixture.withState { state in
            let file = LogFile(kind: .deploy, revisionFolder: state.root)
            let output = state.root.appending(path: "agent.out")
            let log = RevisionLog(file: file, redact: SecretRedaction([:]), clock: VirtualClock())
            try Data("a long first line\n".utf8).write(to: output)
            await AgentOutput(file: output).forward(into: log)
            try Data("new\n".utf8).write(to: output)
            await AgentOutput(file: output).forward(into: log)
            #expect(file.lines().map(\.message) == ["a long first line", "new"])
        }
    }
}
