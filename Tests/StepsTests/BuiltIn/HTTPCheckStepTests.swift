import ControlPlane
import Engine
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

@Suite struct HTTPCheckStepTests {
    private func trial(_ with: [String: Value] = [:]) -> StepHarness {
        StepHarness("http-check", ["url": "https://agent.example/info"].merging(with) { $1 })
    }

    @Test func `one good answer is enough`() async throws {
        let trial = trial()
        trial.web.on(.get, "/info", .status(204))
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.outputs == ["result": "passed", "status": .number(204), "requests": .number(1)])
        trial.web.expectAllUsed()
    }

    @Test func `a bad answer begins the row again`() async throws {
        let trial = trial(["passes": .number(2)])
        trial.web.on(.get, "/info", .status(200), .status(503), .status(200), .status(200))
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.duration == .seconds(15))
        trial.web.expectAllUsed()
    }

    @Test func `the row has to last as long as the bake time`() async throws {
        let trial = trial(["bake-time": "1m", "interval": "20s"])
        trial.web.onEvery(.get, "/info", .status(200))
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.duration == .seconds(60))
        #expect(result.outputs["requests"] == .number(4))
    }

    @Test func `too many bad answers fail, with the last one`() async throws {
        let trial = trial(["attempts": .number(3)])
        trial.web.on(.get, "/info", .fails(.connectionRefused), .status(500), .status(404))
        let result = try await trial.run()
        #expect(result.failure?.code == "HTTPCheckFailed", result.story)
        #expect(result.failure?.message.hasSuffix("HTTP 404, not 2xx") == true, result.story)
        #expect(result.outputs["result"] == "failed")
        trial.web.expectAllUsed()
    }

    @Test func `it gives up before its time is over`() async throws {
        var trial = trial(["interval": "20s"])
        trial.timeout = .seconds(30)
        trial.web.on(.get, "/info", .status(503), .status(503))
        let result = try await trial.run()
        #expect(result.failure?.code == "HTTPCheckFailed", result.story)
        #expect(result.duration == .seconds(20))
        trial.web.expectAllUsed()
    }

    @Test func `the old revision's answers do not count`() async throws {
        let trial = trial(["revision-id": "new"])
        let answers = ["old", "new"].map { #"{"host": {"host_revision_id": "\#($0)"}}"# }
        trial.web.on(.get, "/info", .json(answers[0]), .json(answers[1]))
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.notes(.debug).contains { $0.hasSuffix("/host/host_revision_id is 'old', not 'new'") })
        trial.web.expectAllUsed()
    }

    @Test func `neither query nor password are told, and no key is sent`() async throws {
        let trial = trial(["url": "https://me:pass@agent.example/info?token=t0p", "attempts": .number(1)])
        trial.web.on(.get, "/info", .status(500))
        let result = try await trial.run()
        #expect(result.failure?.message.hasPrefix("GET https://agent.example/info failed") == true, result.story)
        #expect(trial.web.requests.first?.headers == [])
    }

    @Test func `the agent's key is sent when asked for`() async throws {
        let trial = trial(["agent-key": true, "method": "POST"])
        trial.web.on(.post, "/info", .status(200))
        #expect(try await trial.run().verdict == .success)
        #expect(trial.web.requests.first?.headers == [HTTPHeader("X-Api-Key", "agent-key")])
    }

    @Test(
        arguments: [
            ["url": "agent"], ["method": "HEAD"], ["status": "2x"], ["equals": "1"], ["json-pointer": "a"],
            ["passes": .number(0)], ["attempts": "many"], ["interval": "soon"],
        ] as [[String: Value]])
    func `what is refused before a request`(with: [String: Value]) async throws {
        let result = try await trial(with).run()
        #expect(result.verdict == .invalidWorkflow, result.story)
        #expect(result.failure?.hint != nil)
    }
}
