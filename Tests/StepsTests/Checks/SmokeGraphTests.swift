import ControlPlane
import ControlPlaneTypes
import Engine
import Foundation
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

@Suite struct SmokeGraphTests {
    private func trial(_ with: [String: Value] = [:]) -> StepHarness {
        let given: [String: Value] = ["url": "https://agent.example/", "graph": "agent"]
        return StepHarness("smoke", given.merging(with) { $1 })
    }

    @Test(
        arguments: [(["input": #"{"question": "why"}"#], #"{"question":"why"}"#), ([:], "{}")]
            as [([String: Value], String)])
    func `the graph gets the input that was given, or an empty one`(with: [String: Value], input: String) async throws {
        let trial = trial(with)
        trial.web.on(.post, "/runs/wait", .json("{}"))
        #expect(try await trial.run().verdict == .success)
        let request = try #require(trial.web.requests.first)
        guard case .bytes(let body) = request.body else { Issue.record("no body"); return }
        let sent = try JSONDecoder().decode(JSONValue.self, from: body)
        #expect(try sent["input"] == JSONDecoder().decode(JSONValue.self, from: Data(input.utf8)))
    }

    @Test func `a run that ends with an error is not repeated, and its text is in the verdict`() async throws {
        let trial = trial()
        trial.web.on(
            .post, "/runs/wait", .json(#"{"__error__": {"error": "KeyError", "message": "'question'"}}"#))
        let result = try await trial.run()
        #expect(result.failure?.code == "SmokeTestFailed", result.story)
        #expect(
            result.failure?.message
                == "smoke test run of graph agent failed: the run ended with an error: KeyError: 'question'")
        #expect(trial.web.requests.count == 1)
    }
}
