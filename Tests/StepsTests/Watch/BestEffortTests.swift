import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import Simulation
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

/// What is read beside a watch never delays its verdict.
@Suite struct BestEffortTests {
    private static let list = "GET /v2/deployments/{id}/revisions"
    private static let second = ModelRollout([.init(.deploying, .milliseconds(900))], ending: .deployed)

    private func deploy(_ rollout: ModelRollout = second) -> WorkflowHarness {
        WorkflowHarness.deployed { $0.rollouts = [rollout] }
    }

    /// Fails a kind of request from the moment the revision was requested.
    private struct LaterFault: HTTPTransport {
        let plane: ModelControlPlane
        let endpoint: String
        let fault: ModelFault

        func send(_ request: HTTPRequest) async throws -> HTTPResponse {
            let response = try await plane.send(request)
            if request.endpoint == WorkflowHarnessResult.revise {
                plane.faults { $0.add(endpoint, fault, times: nil) }
            }
            return response
        }
    }

    @Test(arguments: [ModelFault.status(503), .timeout(processed: false), .refused, .html, .status(429, retryAfter: 9)])
    func `a list of revisions that is down after our request costs no time`(fault: ModelFault) async throws {
        let trial = deploy()
        let journal = MemoryJournal()
        let verdict = try await trial.run(
            journal, over: LaterFault(plane: trial.plane, endpoint: Self.list, fault: fault))
        #expect(verdict == .success)
        // A rate limit holds back every request to the host.
        #expect(trial.clock.now.sinceStart < (fault == .status(429, retryAfter: 9) ? .seconds(12) : .seconds(2)))
    }

    @Test(arguments: [ModelFault.status(503), .timeout(processed: false), .refusal(403), .truncated])
    func `followed logs that are down cost a warning`(fault: ModelFault) async throws {
        var trial = deploy()
        trial.followsLogs = true
        trial.plane.faults { $0.add(WorkflowHarnessResult.logs, fault, times: nil) }
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.warnings.filter { $0.contains("log of revision") }.count == 1, "\(result.warnings)")
        #expect(result.duration < .seconds(4))
    }

    @Test func `logs that fail for long are not read for ever`() async throws {
        var trial = deploy(.deployed)
        trial.followsLogs = true
        trial.inputs["poll-interval"] = "1s"
        trial.plane.faults { $0.add(WorkflowHarnessResult.logs, .timeout(processed: false), times: nil) }
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.count(WorkflowHarnessResult.logs) < 10)
        #expect(result.duration < .seconds(95))
    }

    @Test func `followed logs are whole, in order and once`() async throws {
        var trial = deploy(.deployed)
        trial.followsLogs = true
        let result = try await trial.run()
        #expect(result.logLines == ["collecting packages", "build done", "starting", "ready"])
    }

    @Test func `a long build is described by the current line of its log, with a hint the first time`() async throws {
        let long = ModelRollout([.init(.building, .seconds(100)), .init(.deploying, .seconds(1))], ending: .deployed)
        var trial = deploy(long)
        trial.buildLineHint = "ask for more"
        let result = try await trial.run()
        let notes = result.notes.filter { $0.hasPrefix("building: ") }
        #expect(notes == ["building: build done (ask for more)"], "\(result.notes)")
        trial = deploy()
        trial.buildLineHint = "ask for more"
        #expect(try await trial.run().notes.allSatisfy { !$0.hasPrefix("building: ") })
    }

    @Test func `the cause of a failure comes from followed logs too`() async throws {
        var trial = deploy(.buildFailed)
        trial.followsLogs = true
        let result = try await trial.run()
        #expect(result.failure?.message.contains("no matching distribution found") == true, result.story)
        #expect(result.logLines.filter { $0 == "collecting packages" }.count == 1)
    }

    @Test(arguments: [ModelFault.status(503), .timeout(processed: false)])
    func `row 29: a rollback starts within two seconds of a failed smoke test, whatever the log does`(
        fault: ModelFault
    ) async throws {
        var trial = deploy(.deployed.with { $0.agentStatus = 500 })
        trial.inputs["smoke"] = "/ok"
        trial.plane.faults { $0.add(WorkflowHarnessResult.logs, fault, times: nil) }
        let result = try await trial.run()
        #expect(result.rollback?.result == .success, result.story)
        try expectQuickRollback(result, after: "GET")
    }

    @Test(arguments: [ModelFault.status(503), .timeout(processed: false)])
    func `a rollback starts within two seconds of a failed build, whatever the log does`(fault: ModelFault) async throws
    {
        let trial = deploy(.buildFailed)
        trial.plane.faults { $0.add(WorkflowHarnessResult.logs, fault, times: nil) }
        let result = try await trial.run()
        #expect(result.rollback?.result == .success, result.story)
        let verdict = try #require(result.plane.arrivals.first { $0.request.endpoint == WorkflowHarnessResult.logs })
        let redeploy = try #require(
            result.plane.arrivals.first { $0.request.endpoint == WorkflowHarnessResult.redeploy })
        #expect(redeploy.at - verdict.at < .milliseconds(2500))
    }

    /// Two seconds for the log, and the reads that a rollback begins with.
    private func expectQuickRollback(_ result: WorkflowHarnessResult, after endpoint: String) throws {
        let redeploy = try #require(
            result.plane.arrivals.first { $0.request.endpoint == WorkflowHarnessResult.redeploy })
        let last = try #require(
            result.plane.arrivals.last { $0.request.endpoint == endpoint && $0.at < redeploy.at })
        #expect(redeploy.at - last.at < .milliseconds(2500))
    }
}
