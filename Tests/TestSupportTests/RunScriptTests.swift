import Engine
import TestSupport
import Testing

struct RunScriptTests {
    @Test func `events are numbered from one and dated by the pauses between them`() throws {
        var script = RunScript()
        script.startRun()
        script.start("a")
        script.finish("a", after: .seconds(90))
        script.finishRun(.success)

        #expect(script.events.map(\.sequence) == [1, 2, 3, 4])
        #expect(EventTimestamp.text(from: try #require(script.events.first).date) == "2026-03-01T12:00:00.000Z")
        #expect(EventTimestamp.text(from: try #require(script.events.last).date) == "2026-03-01T12:01:30.000Z")
        #expect(
            script.events.last?.payload == .runFinished(.init(verdict: .success, durationMilliseconds: 90_000)))
    }

    @Test func `every scenario begins with its run`() {
        for script in [RunScript.deployed, .failedAndRolledBack, .cutOff] {
            guard case .runStarted? = script.events.first?.payload else {
                Issue.record("begins with \(String(describing: script.events.first?.payload))")
                continue
            }
        }
    }
}
