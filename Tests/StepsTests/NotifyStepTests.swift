import ControlPlane
import Engine
import FoundationEssentials
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

@Suite struct NotifyStepTests {
    private func trial(_ url: Value = "https://hooks.example/services/T0/s3cret?x=s3cret") -> StepHarness {
        StepHarness("notify", ["url": url, "message": "deployed \"it\"\n"])
    }

    @Test func `the message goes out in Slack's format`() async throws {
        let trial = trial()
        trial.web.on(.post, "/services/T0/s3cret", .status(200, body: "ok"))
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.outputs == ["sent": true])
        #expect(result.notes(.warning).isEmpty)
        guard case .bytes(let body)? = trial.web.requests.first?.body else {
            Issue.record("no body")
            return
        }
        #expect(try JSONDecoder().decode([String: String].self, from: body) == ["text": "deployed \"it\"\n"])
    }

    @Test(arguments: [.status(404), .status(302), .fails(.connectionRefused), .fails(.timeout)] as [StubReply])
    func `what goes wrong is a warning without the URL`(reply: StubReply) async throws {
        let trial = trial()
        trial.web.on(.post, "/services/T0/s3cret", reply)
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.outputs == ["sent": false])
        let warning = try #require(result.notes(.warning).first)
        #expect(warning.contains("https://hooks.example"))
        #expect(!warning.contains("s3cret"))
    }

    @Test func `a secret in the message is not posted`() async throws {
        let key = "lsv2_pt_" + String(repeating: "0a1b", count: 8) + "_0123456789"
        let trial = StepHarness("notify", ["url": "https://hooks.example/", "message": .string("hush-hush, \(key)")])
        trial.web.on(.post, "/", .status(200, body: "ok"))
        #expect(try await trial.run().verdict == .success)
        guard case .bytes(let body)? = trial.web.requests.first?.body else {
            Issue.record("no body")
            return
        }
        let text = try #require(try JSONDecoder().decode([String: String].self, from: body)["text"])
        #expect(text.hasPrefix("***, ") && !text.contains("0a1b"), "\(text)")
    }

    @Test func `an URL that is none is a warning`() async throws {
        let result = try await trial("hooks").run()
        #expect(result.verdict == .success, result.story)
        #expect(result.notes(.warning).count == 1)
    }

    @Test(arguments: ["", .null] as [Value])
    func `without a URL, as of an optional secret, nothing is sent`(url: Value) async throws {
        let result = try await trial(url).run()
        #expect(result.verdict == .success, result.story)
        #expect(result.outputs == ["sent": false])
        #expect(result.notes(.warning).isEmpty)
    }
}
