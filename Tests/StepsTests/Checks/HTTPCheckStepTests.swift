import Clocks
import ControlPlane
import Engine
import FoundationEssentials
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

    @Test func `a deadline before the next request is a timeout, no verdict`() async throws {
        var trial = trial(["interval": "20s"])
        trial.timeout = .seconds(30)
        trial.web.on(.get, "/info", .status(503), .status(503))
        let result = try await trial.run()
        #expect(result.verdict == .timedOut, result.story)
        #expect(result.failure?.code == "HTTPCheckTimeout", result.story)
        #expect(result.outputs["result"] == "timeout")
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

@Suite struct ResponseAssertionTests {
    private let document = #"{"a": {"b": [1, "x", null, 2.5, true]}, "~/": "odd", "": "empty"}"#

    private func problem(_ pointer: String, _ expected: String?) throws -> String? {
        let rule = ResponseAssertion(
            statuses: [try #require(StatusPattern("200"))],
            members: [ResponseAssertion.Member(pointer: try #require(JSONPointer(pointer)), expected: expected)])
        return rule.problem(with: HTTPResponse(status: 200, body: Data(document.utf8)))
    }

    @Test(
        arguments: [
            ("/a/b/0", "1"), ("/a/b/1", "x"), ("/a/b/3", "2.5"), ("/a/b/4", "true"), ("/~0~1", "odd"), ("/", "empty"),
            ("/a", nil), ("", nil),
        ] as [(String, String?)])
    func `what stands there is found`(pointer: String, expected: String?) throws {
        #expect(try problem(pointer, expected) == nil)
    }

    @Test(arguments: ["/a/b/2", "/a/b/5", "/a/b/01", "/a/b/-", "/A", "/a/b/1/x"])
    func `what is not there, or null, is bad`(pointer: String) throws {
        #expect(try problem(pointer, nil) == "nothing at \(pointer)")
    }

    @Test func `a list is not compared with a text`() throws {
        #expect(try problem("/a/b", "1") == "/a/b is no single value, not '1'")
    }

    @Test(arguments: ["a", "/~", "/~2"]) func `what is no pointer`(text: String) {
        #expect(JSONPointer(text) == nil)
    }

    @Test(arguments: ["2xx": [200, 299], "404": [404], "5xx": [500]]) func `statuses`(text: String, good: [Int]) {
        let pattern = StatusPattern(text)
        #expect([199, 200, 299, 300, 404, 405, 500].filter { pattern?.contains($0) == true } == good)
    }

    @Test(arguments: ["", "20", "600", "6xx", "xxx", "-1", "2xxx"]) func `what is no status`(text: String) {
        #expect(StatusPattern(text) == nil)
    }
}

@Suite struct PassStreakTests {
    private func instant(_ seconds: Int) -> MonotonicInstant { MonotonicInstant(sinceStart: .seconds(seconds)) }

    @Test func `both the count and the time have to be reached`() {
        var streak = PassStreak(wanted: 3, bakeTime: .seconds(10))
        let enough = [0, 4, 8, 10].map { streak.pass(at: instant($0)) }
        #expect(enough == [false, false, false, true])
    }

    @Test func `a failure begins both again`() {
        var streak = PassStreak(wanted: 2, bakeTime: .seconds(10))
        _ = streak.pass(at: instant(0))
        streak.fail()
        let enough = [12, 20, 22].map { streak.pass(at: instant($0)) }
        #expect(enough == [false, false, true])
    }
}

@Suite struct WebAddressTests {
    @Test func `user info, query and fragment are not shown`() {
        let address = WebAddress("https://me:pass@agent.example:8443/a/b?token=t#f")
        #expect(address?.description == "https://agent.example:8443/a/b")
        #expect(address?.origin == "https://agent.example:8443")
        #expect(address?.text == "https://me:pass@agent.example:8443/a/b?token=t#f")
    }

    @Test(arguments: ["", "agent", "/ok", "ftp://agent.example", "https://", "https:///ok"])
    func `what is no address`(text: String) {
        #expect(WebAddress(text) == nil)
    }
}
