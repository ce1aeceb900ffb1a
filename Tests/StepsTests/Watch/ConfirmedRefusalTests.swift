import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import Simulation
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

/// Only the control plane's own word, confirmed, ends a watch.
@Suite struct ConfirmedRefusalTests {
    private static let deployment = "GET /v2/deployments/{id}"

    private func deploy(_ faults: (inout ModelFaults) -> Void) async throws -> WorkflowHarnessResult {
        let trial = WorkflowHarness.deployed()
        trial.plane.faults(faults)
        return try await trial.run()
    }

    @Test(arguments: [1, 2], [404, 401, 403, 400, 422, 405])
    func `a revision that is refused once or twice is read again`(times: Int, status: Int) async throws {
        let result = try await deploy { $0.add(WorkflowHarnessResult.poll, .refusal(status), after: 3, times: times) }
        #expect(result.verdict == .success, result.story)
    }

    @Test(arguments: [1, 2], [404, 401, 403, 400, 422, 405])
    func `a deployment that is refused once or twice after DEPLOYED is read again`(times: Int, status: Int) async throws
    {
        let result = try await deploy { $0.add(Self.deployment, .refusal(status), times: times, from: .seconds(60)) }
        #expect(result.verdict == .success, result.story)
    }

    @Test(arguments: [401, 404, 422])
    func `refusals with good answers between them are not counted together`(status: Int) async throws {
        let result = try await deploy { faults in
            // Each rule counts the requests that the ones before it let pass.
            for place in 1...4 { faults.add(WorkflowHarnessResult.poll, .refusal(status), after: place) }
        }
        #expect(result.verdict == .success, result.story)
        #expect(result.warnings.filter { $0.contains("(1 of 3 times)") }.count == 4)
    }

    @Test func `row 24: three refusals over ten seconds are the end`() async throws {
        let result = try await deploy {
            $0.add(WorkflowHarnessResult.poll, .refusal(404), times: nil, from: .seconds(30))
        }
        #expect(result.exitCode == 1, result.story)
        #expect(result.failure?.code == "RevisionGone")
        #expect(result.duration >= .seconds(40))
        #expect(result.changes == [WorkflowHarnessResult.revise])
    }

    @Test func `row 24: a revision that is gone does not mean that its deployment is, where that cannot be read`()
        async throws
    {
        let result = try await deploy {
            $0.add(WorkflowHarnessResult.poll, .refusal(404), times: nil, from: .seconds(30))
            $0.add(Self.deployment, .status(503), times: nil, from: .seconds(30))
        }
        #expect(result.failure?.code == "RevisionGone", result.story)
    }

    @Test func `row 24: a deployment that is deleted after DEPLOYED is confirmed, and nothing is rolled back`()
        async throws
    {
        let result = try await deploy { $0.add(Self.deployment, .refusal(404), times: nil, from: .seconds(60)) }
        #expect(result.exitCode == 1, result.story)
        #expect(result.failure?.code == "DeploymentDeleted")
        #expect(result.changes == [WorkflowHarnessResult.revise])
        #expect(result.plane.arrivals.filter { $0.request.endpoint == Self.deployment && $0.fault != nil }.count == 3)
    }

    @Test func `row 15: a key that is refused for good after DEPLOYED ends the run, and nothing is rolled back`()
        async throws
    {
        let result = try await deploy { $0.add(Self.deployment, .refusal(401), times: nil, from: .seconds(60)) }
        #expect(result.exitCode == 77, result.story)
        #expect(result.failure?.code == "KeyRefusedMeanwhile")
        #expect(result.changes == [WorkflowHarnessResult.revise])
    }

    @Test(arguments: [400, 422, 405], [WorkflowHarnessResult.poll, deployment])
    func `another refusal for good leaves the outcome unknown`(status: Int, endpoint: String) async throws {
        let result = try await deploy { $0.add(endpoint, .refusal(status), times: nil, from: .seconds(60)) }
        #expect(result.exitCode == 124, result.story)
        #expect(result.failure?.code == "OutcomeUnknown")
        #expect(result.changes == [WorkflowHarnessResult.revise])
    }

    @Test func `a refusal that nothing confirms before the deadline is a timeout`() async throws {
        var trial = WorkflowHarness {
            $0.addDeployment(commits: [WorkflowHarness.oldCommit, WorkflowHarness.ourCommit])
        }
        trial.workflow = BuiltinWorkflows.rollback
        trial.inputs["timeout"] = "8s"
        trial.plane.faults { $0.add(Self.deployment, .refusal(404), times: nil) }
        let result = try await trial.run()
        #expect(result.exitCode == 124, result.story)
        #expect(result.failure?.code == "TimedOutBeforeSending")
        #expect(result.changes.isEmpty)
    }

    @Test func `one refusal of what a lost redeploy may have made is read again`() async throws {
        var trial = WorkflowHarness {
            $0.addDeployment(commits: [WorkflowHarness.oldCommit, WorkflowHarness.ourCommit])
        }
        trial.workflow = BuiltinWorkflows.rollback
        trial.plane.faults {
            $0.add(WorkflowHarnessResult.redeploy, .lostAfter)
            $0.add(WorkflowHarnessResult.poll, .refusal(404))
        }
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.changes == [WorkflowHarnessResult.redeploy])
    }

    @Test func `refusals of the list after an answered change do not send it again`() async throws {
        let trial = WorkflowHarness.deployed { $0.behavior.isOlder = true }
        trial.plane.faults { $0.add(WorkflowHarnessResult.list, .refusal(404), times: 3, from: .milliseconds(100)) }
        let result = try await trial.run()
        #expect(result.changes == [WorkflowHarnessResult.revise, WorkflowHarnessResult.patch], result.story)
        #expect(result.deployment?.revisions.count == 2)
    }

    @Test func `a list that cannot be read after an answered change leaves the outcome unknown`() async throws {
        var trial = WorkflowHarness.deployed { $0.behavior.isOlder = true }
        trial.inputs["timeout"] = "60s"
        trial.plane.faults { $0.add(WorkflowHarnessResult.list, .status(503), times: nil, from: .milliseconds(100)) }
        let result = try await trial.run()
        #expect(result.exitCode == 124, result.story)
        #expect(result.failure?.code == "OutcomeUnknown")
        #expect(result.changes == [WorkflowHarnessResult.revise, WorkflowHarnessResult.patch])
    }

    @Test func `row 19: UNKNOWN for a while is waited out`() async throws {
        let trial = WorkflowHarness.deployed {
            $0.rollouts = [
                ModelRollout([.init(.building, .seconds(20)), .init(.unknown, .seconds(40))], ending: .deployed)
            ]
        }
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.warnings.filter { $0.contains("unknown status: UNKNOWN") }.count == 1)
    }
}
