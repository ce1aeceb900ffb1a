import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

@Suite struct RunGraphStepTests {
    private func trial(_ with: [String: Value] = [:]) -> StepHarness {
        StepHarness("run-graph", ["url": "https://agent.example/", "graph": "agent"].merging(with) { $1 })
    }

    @Test func `an answer after line breaks that kept the connection open is good`() async throws {
        let trial = trial()
        trial.web.on(.post, "/runs/wait", .json("\n\n\n{\"messages\": []}\n"))
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.outputs == ["result": "passed"])
        trial.web.expectAllUsed()
    }

    @Test func `what is sent`() async throws {
        let trial = trial(["input": #"{"n": [1, null]}"#, "limit": "5m", "agent-key": true])
        trial.web.on(.post, "/runs/wait", .json("{}"))
        #expect(try await trial.run().verdict == .success)
        let request = try #require(trial.web.requests.first)
        #expect(request.headers.contains(HTTPHeader("X-Api-Key", "agent-key")))
        #expect(request.limits.total == .seconds(300))
        guard case .bytes(let body) = request.body else { Issue.record("no body"); return }
        #expect(
            try JSONDecoder().decode(JSONValue.self, from: body)
                == .object(["assistant_id": .string("agent"), "input": .object(["n": .array([.integer(1), .null])])]))
    }

    @Test(arguments: [nil, "https://other.example", "https://agent.example", "https://agent.example/"])
    func `the key of the agent is sent unasked to a deployment of the run only`(known: String?) async throws {
        var trial = trial()
        trial.adjust = { if let known { $0.agentAddresses.add(known) } }
        trial.web.on(.post, "/runs/wait", .json("{}"))
        #expect(try await trial.run().verdict == .success)
        let isSent = trial.web.requests.first?.headers.contains { $0.name == "X-Api-Key" }
        #expect(isSent == (known?.hasPrefix("https://agent.example") ?? false))
    }

    @Test func `the scalars of a mapping keep their types`() async throws {
        var trial = trial()
        trial.file = #"""
            version: 1
            name: trial
            jobs:
              job:
                steps:
                  - uses: run-graph
                    with:
                      url: https://agent.example
                      graph: agent
                      input:
                        {n: 5, i: 12345678901234567891, f: -1.5, h: 0x1F, b: true, z: null, t: ~, q: "5", s: 'true', w: two words, v: 1.2.3,
                         l: [1, "2", False], m: {e: "${{ fromJSON('[7]') }}", c: "a${{ 1 }}"}}
            """#
        trial.web.on(.post, "/runs/wait", .json("{}"))
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        guard case .bytes(let body)? = trial.web.requests.first?.body else { Issue.record("no body"); return }
        let expected = #"""
            {"assistant_id": "agent", "input": {"n": 5, "i": 12345678901234567891, "f": -1.5, "h": 31, "b": true, "z": null, "t": null, "q": "5",
            "s": "true", "w": "two words", "v": "1.2.3", "l": [1, "2", false], "m": {"e": [7], "c": "a1"}}}
            """#
        let sent = try JSONDecoder().decode(JSONValue.self, from: body)
        #expect(try JSONDecoder().decode(JSONValue.self, from: Data(expected.utf8)) == sent)
    }

    @Test func `a long number is sent as it is written`() async throws {
        let trial = trial(["input": #"{"n": 1234567890123456789012345678901234567890123}"#])
        trial.web.on(.post, "/runs/wait", .json("{}"))
        #expect(try await trial.run().verdict == .success)
        guard case .bytes(let body)? = trial.web.requests.first?.body else { Issue.record("no body"); return }
        #expect(String(decoding: body, as: UTF8.self).contains(":1234567890123456789012345678901234567890123}"))
    }

    @Test(
        arguments: [
            (.json(#"{"__error__": {"error": "ValueError"}}"#), "the run ended with an error: ValueError"),
            (
                .json(#"{"__error__": {"error": "KeyError", "message": "'question'"}}"#),
                "the run ended with an error: KeyError: 'question'"
            ),
            (.json(#"{"__error__": null}"#), "the run ended with an error"),
            (.json("[]"), "HTTP 200, but the answer is not a JSON object"),
            (.json("\n\n"), "HTTP 200, but the answer is not a JSON object"),
            (.json("{}", status: 202), "HTTP 202"),
            (.status(500, body: "boom"), "HTTP 500"),
            (.fails(.timeout), "timeout"),
        ] as [(StubReply, String)])
    func `what is no good run`(reply: StubReply, reason: String) async throws {
        let trial = trial()
        trial.web.on(.post, "/runs/wait", reply)
        let result = try await trial.run()
        #expect(result.failure?.code == "GraphRunFailed", result.story)
        #expect(result.failure?.message == "run of graph agent at https://agent.example/ failed: \(reason)")
        #expect(result.outputs == ["result": "failed"])
    }

    @Test(arguments: [["url": "agent"], ["input": "a=b"], ["limit": "long"]] as [[String: Value]])
    func `what is refused before a request`(with: [String: Value]) async throws {
        #expect(try await trial(with).run().verdict == .invalidWorkflow)
    }
}
