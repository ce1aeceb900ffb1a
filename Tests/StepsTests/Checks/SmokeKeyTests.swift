import ControlPlane
import Engine
import FoundationEssentials
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

/// Who gets the key of the agent from `smoke`.
@Suite struct SmokeKeyTests {
    private func trial(_ with: [String: Value], known: String? = nil) -> StepHarness {
        var trial = StepHarness("smoke", ["url": .string(StepHarness.agent)].merging(with) { $1 })
        trial.adjust = { if let known { $0.agentAddresses.add(known) } }
        trial.web.onEvery(.get, "/ok", .status(200))
        trial.web.onEvery(.post, "/runs/wait", .json("{}"))
        return trial
    }

    private func keys(_ trial: StepHarness) -> [String?] {
        trial.web.requests.map { $0.headers.first { $0.name == "X-Api-Key" }?.value }
    }

    @Test(arguments: [nil, "https://other.example", "https://agent.example.evil.test", "https://agent.example/other"])
    func `a url that is no deployment of the run gets no key, and the run says so`(known: String?) async throws {
        let trial = trial(["paths": "/ok", "graph": "agent"], known: known)
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(keys(trial) == [nil, nil])
        #expect(result.notes(.warning).contains { $0.contains("key of the agent is not sent") })
    }

    @Test(arguments: ["https://agent.example", "https://AGENT.example:443/"])
    func `a deployment of the run gets it unasked, however it is written`(known: String) async throws {
        let trial = trial(["paths": "/ok", "graph": "agent"], known: known)
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(keys(trial) == ["agent-key", "agent-key"])
        #expect(result.notes(.warning).isEmpty)
    }

    @Test func `another url gets it where the step asks for that`() async throws {
        let trial = trial(["paths": "/ok", "agent-key": true])
        #expect(try await trial.run().verdict == .success)
        #expect(keys(trial) == ["agent-key"])
    }
}
