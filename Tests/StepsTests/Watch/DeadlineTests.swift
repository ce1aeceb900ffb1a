import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import Simulation
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

/// The deadline comes first: when the time ends before the answer is known, the deploy timed out, whichever step it was.
@Suite struct DeadlineTests {
    /// A deploy with a timeout of five minutes whose revision is DEPLOYED this long before it.
    private func deploy(deployedBefore end: Duration, activeLag: Duration = .zero, agentStatus: Int = 200)
        -> WorkflowHarness
    {
        let build = Duration.seconds(300) - end - .milliseconds(150)
        var trial = WorkflowHarness.deployed {
            $0.rollouts = [
                ModelRollout([.init(.deploying, build)], ending: .deployed).with { $0.agentStatus = agentStatus }
            ]
            $0.behavior.activeLag = activeLag
        }
        trial.inputs["timeout"] = "5m"
        trial.inputs["poll-interval"] = "500ms"
        return trial
    }

    private func expectTimeout(_ result: WorkflowHarnessResult) {
        #expect(result.exitCode == 124, result.story)
        #expect(result.failure?.code == "DeployTimeout")
        #expect(result.rollback == nil)
        #expect(result.changes == [WorkflowHarnessResult.revise])
        #expect(result.duration <= .seconds(306))
    }

    @Test func `an active revision that lags past the deadline is a timeout, not a failed verification`() async throws {
        let result = try await deploy(deployedBefore: .milliseconds(1500), activeLag: .seconds(6)).run()
        expectTimeout(result)
        #expect(result.output("result", of: "verify")?.text == "timeout")
        #expect(result.failure?.hint?.contains("may still go live") == true)
    }

    @Test func `the same is rolled back when that is asked for`() async throws {
        var trial = deploy(deployedBefore: .milliseconds(1500), activeLag: .seconds(6))
        trial.inputs["on-timeout"] = "rollback"
        let result = try await trial.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.output("rollback-cause", of: "verify")?.text == "timeout")
        #expect(result.rollback?.result == .success)
        #expect(result.active?.commit == WorkflowHarness.oldCommit)
    }

    @Test func `a smoke test that the deadline leaves no time to repeat is no verdict`() async throws {
        var trial = deploy(deployedBefore: .seconds(4), agentStatus: 500)
        trial.inputs["smoke"] = "/ok"
        let result = try await trial.run()
        expectTimeout(result)
        #expect(result.output("result", of: "smoke")?.text == "timeout")
    }

    @Test func `a smoke test that fails every try before the deadline is one`() async throws {
        var trial = deploy(deployedBefore: .seconds(12), agentStatus: 500)
        trial.inputs["smoke"] = "/ok"
        let result = try await trial.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.failure?.code == "SmokeTestFailed")
        #expect(result.rollback?.result == .success)
    }

    @Test func `a smoke test that fails just before the deadline is one, though its log is read beyond it`()
        async throws
    {
        var trial = deploy(deployedBefore: .seconds(9), agentStatus: 500)
        trial.inputs["smoke"] = "/ok"
        trial.plane.faults {
            $0.add(WorkflowHarnessResult.logs, .slow(.seconds(20), isProcessedFirst: true), times: nil)
        }
        let result = try await trial.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.failure?.code == "SmokeTestFailed")
        #expect(result.plane.arrivals.filter { $0.request.endpoint == "GET" }.count == 5)
        #expect(result.rollback?.result == .success)
    }

    /// What makes reads last until the deadline.
    static let hindrances: [ModelFault] = [
        .slow(.seconds(24), isProcessedFirst: true), .status(503), .status(429), .status(429, retryAfter: 60), .refused,
        .lostBefore, .timeout(processed: false),
    ]

    @Test(arguments: ["GET /v2/deployments", WorkflowHarnessResult.list], hindrances)
    func `a first read that the deadline ends is a timeout`(endpoint: String, fault: ModelFault) async throws {
        var trial = WorkflowHarness.deployed()
        trial.inputs["timeout"] = "3s"
        trial.plane.faults { $0.add(endpoint, fault, times: nil) }
        let result = try await trial.run()
        #expect(result.exitCode == 124, result.story)
        #expect(result.failure?.code == "TimedOut")
        #expect(result.changes.isEmpty)
        #expect(result.duration <= .seconds(9))
    }

    @Test(arguments: ["GET /v2/deployments", WorkflowHarnessResult.list, "GET /v2/deployments/{id}"], hindrances)
    func `a read of a rollback by hand that the deadline ends is a timeout`(
        endpoint: String, fault: ModelFault
    ) async throws {
        var trial = WorkflowHarness {
            $0.addDeployment(commits: [WorkflowHarness.oldCommit, WorkflowHarness.otherCommit])
        }
        trial.workflow = BuiltinWorkflows.rollback
        trial.inputs["timeout"] = "3s"
        trial.plane.faults { $0.add(endpoint, fault, times: nil) }
        let result = try await trial.run()
        #expect(result.exitCode == 124, result.story)
        #expect(result.changes.isEmpty)
    }

    @Test(arguments: hindrances)
    func `a read just before the request that the deadline ends is a timeout`(fault: ModelFault) async throws {
        var trial = WorkflowHarness.deployed { world in
            // Somebody else's is in progress, so that ours has to wait and to read again.
            guard let id = world.deployments.first?.id else { return }
            world.push("dev", to: id, at: .init(sinceStart: .zero), rollout: .stuck) { $0.isForeign = true }
        }
        trial.inputs["timeout"] = "30s"
        trial.plane.faults { $0.add("GET*", fault, times: nil, from: .seconds(1)) }
        let result = try await trial.run()
        #expect(result.exitCode == 124, result.story)
        #expect(result.changes.isEmpty)
    }

    @Test func `a host that never answers is given up before a deadline that is far away`() async throws {
        let trial = WorkflowHarness.deployed()
        trial.plane.faults { $0.add("*", .refused, times: nil) }
        let result = try await trial.run()
        #expect(result.exitCode == 69, result.story)
        #expect(result.duration <= .seconds(31))
    }

    @Test func `a smoke request that the deadline ends is no verdict`() async throws {
        var trial = deploy(deployedBefore: .seconds(5))
        trial.inputs["smoke"] = "/ok"
        trial.plane.faults { $0.add("GET", .timeout(processed: false), times: nil) }
        expectTimeout(try await trial.run())
    }

    @Test func `a smoke test that begins at the deadline is a timeout with the deploy's own words`() async throws {
        var trial = deploy(deployedBefore: .milliseconds(1500), activeLag: .milliseconds(1400))
        trial.inputs["smoke"] = "/ok"
        let result = try await trial.run()
        #expect(result.outcome(of: "verify") == .success, result.story)
        expectTimeout(result)
    }

    @Test func `a smoke test under on-timeout rollback is rolled back for the timeout`() async throws {
        var trial = deploy(deployedBefore: .seconds(4), agentStatus: 500)
        trial.inputs["smoke"] = "/ok"
        trial.inputs["on-timeout"] = "rollback"
        let result = try await trial.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.output("rollback-cause", of: "smoke")?.text == "timeout")
        #expect(result.rollback?.result == .success)
    }

    @Test func `row 32: a rollback by hand whose revision is not live at the deadline timed out`() async throws {
        var trial = WorkflowHarness {
            $0.addDeployment(commits: [WorkflowHarness.oldCommit, WorkflowHarness.otherCommit])
            $0.rollouts = [ModelRollout([.init(.deploying, .seconds(58))], ending: .deployed)]
            $0.behavior.activeLag = .seconds(20)
        }
        trial.workflow = BuiltinWorkflows.rollback
        trial.inputs["timeout"] = "1m"
        trial.inputs["poll-interval"] = "500ms"
        let result = try await trial.run()
        #expect(result.exitCode == 124, result.story)
        #expect(result.rollback?.result == .timeout)
    }

    @Test(arguments: ["keep", "interrupt", "rollback"])
    func `an outage at the deadline never ends as a step's own timeout`(policy: String) async throws {
        var trial = deploy(deployedBefore: .seconds(-60))
        trial.inputs["on-timeout"] = .string(policy)
        trial.plane.faults { $0.add("*", .timeout(processed: false), times: nil, from: .seconds(297)) }
        let result = try await trial.run()
        #expect(result.failure?.code == "DeployTimeout", result.story)
        #expect(result.output("rollback-cause", of: "wait")?.string == (policy == "rollback" ? "timeout" : nil))
    }
}
