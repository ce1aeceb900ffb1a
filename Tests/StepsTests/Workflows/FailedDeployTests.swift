import ControlPlane
import ControlPlaneTypes
import Engine
import Simulation
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

/// A deploy that fails brings the revision back that served before, once, and says so.
@Suite struct FailedDeployTests {
    /// The id of the revision that served before.
    private func previous(_ result: WorkflowHarnessResult) -> RevisionID? { result.deployment?.revisions.first?.id }

    @Test func `a failed build: its log comes first, then the revision that served before, once`() async throws {
        let result = try await WorkflowHarness.deployed { $0.rollouts = [.buildFailed] }.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.failure?.code == "BuildFailed")
        #expect(result.failure?.message.contains("no matching distribution found") == true)
        #expect(result.changes == [WorkflowHarnessResult.revise, WorkflowHarnessResult.redeploy])
        let log = try #require(result.requests.firstIndex(of: WorkflowHarnessResult.logs))
        let redeploy = try #require(result.requests.firstIndex(of: WorkflowHarnessResult.redeploy))
        #expect(log < redeploy)
        #expect(result.logLines.contains("error: no matching distribution found for frobnicate"))
        #expect(result.rollback?.result == .success)
        #expect(result.rollback?.toRevisionID == previous(result)?.rawValue)
        #expect(result.active?.commit == WorkflowHarness.oldCommit)
        #expect(result.rollback?.revisionID == result.active?.id.rawValue)
    }

    @Test func `the redeploy may start the old revision itself again`() async throws {
        let result = try await WorkflowHarness.deployed {
            $0.behavior.redeploysSameRevision = true
            $0.rollouts = [.deployFailed]
        }.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.rollback?.result == .success)
        #expect(result.rollback?.revisionID == previous(result)?.rawValue)
        #expect(result.active?.id == previous(result))
    }

    @Test func `a failed start shows the deploy log`() async throws {
        let result = try await WorkflowHarness.deployed { $0.rollouts = [.deployFailed] }.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.failure?.message.contains("ImportError: cannot import name 'graph'") == true)
        #expect(result.rollback?.result == .success)
    }

    @Test func `logs come from an older plane's endpoints too`() async throws {
        let result = try await WorkflowHarness.deployed {
            $0.behavior.isOlder = true
            $0.rollouts = [.buildFailed]
        }.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.failure?.message.contains("no matching distribution found") == true)
    }

    @Test func `row 14: logs that cannot be read do not hide the failure`() async throws {
        let trial = WorkflowHarness.deployed { $0.rollouts = [.buildFailed] }
        trial.plane.faults { $0.add(WorkflowHarnessResult.logs, .refusal(403), times: nil) }
        let result = try await trial.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.failure?.code == "BuildFailed")
        #expect(result.rollback?.result == .success)
    }

    @Test(arguments: [ModelRollout.createFailed, .buildFailed, .deployFailed])
    func `row 30: the first deploy of all has nothing to go back to`(rollout: ModelRollout) async throws {
        let result = try await WorkflowHarness { $0.rollouts = [rollout] }.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.changes == [WorkflowHarnessResult.create])
        #expect(result.rollback?.attempted == false)
        #expect(result.rollback?.reason?.contains("no revision was live before") == true)
    }

    @Test func `a failure is kept when that is asked for`() async throws {
        var trial = WorkflowHarness.deployed { $0.rollouts = [.buildFailed] }
        trial.inputs["on-failure"] = "keep"
        let result = try await trial.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.changes == [WorkflowHarnessResult.revise])
        #expect(result.rollback == nil)
    }

    @Test func `row 29: a failing smoke test brings the old revision back`() async throws {
        var trial = WorkflowHarness.deployed { $0.rollouts = [.deployed.with { $0.agentStatus = 500 }] }
        trial.inputs["smoke"] = "/ok"
        let result = try await trial.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.failure?.code == "SmokeTestFailed")
        #expect(result.logLines.contains("ready"))
        #expect(result.rollback?.result == .success)
        #expect(result.active?.commit == WorkflowHarness.oldCommit)
    }

    @Test func `row 31: a rollback that fails is told apart, with both errors, and not tried again`() async throws {
        let result = try await WorkflowHarness.deployed { $0.rollouts = [.buildFailed, .deployFailed] }.run()
        #expect(result.exitCode == 3, result.story)
        #expect(result.changes == [WorkflowHarnessResult.revise, WorkflowHarnessResult.redeploy])
        #expect(result.rollback?.result == .failure)
        let codes = result.events.compactMap { event in
            if let end = event.payload as? StepFinished { end.failure?.code } else { nil }
        }
        #expect(codes == ["BuildFailed", "RollbackFailed"])
    }

    @Test func `row 31: a rollback that is deployed but does not serve has failed`() async throws {
        var trial = WorkflowHarness.deployed {
            $0.rollouts = [.deployed.with { $0.agentStatus = 500 }, .deployed.with { $0.goesLive = false }]
        }
        trial.inputs["smoke"] = "/ok"
        let result = try await trial.run()
        #expect(result.exitCode == 3, result.story)
        #expect(result.rollback?.result == .failure)
    }

    @Test func `row 32: a rollback that does not end in its time needs a person`() async throws {
        let result = try await WorkflowHarness.deployed { $0.rollouts = [.buildFailed, .stuck] }.run()
        #expect(result.exitCode == 3, result.story)
        #expect(result.rollback?.result == .timeout)
        #expect(result.rollback?.revisionID != nil)
    }

    @Test func `a rollback whose redeploy is refused is a failed rollback`() async throws {
        let trial = WorkflowHarness.deployed { $0.rollouts = [.buildFailed] }
        trial.plane.faults { $0.add(WorkflowHarnessResult.redeploy, .refusal(409), times: nil) }
        let result = try await trial.run()
        #expect(result.exitCode == 3, result.story)
        #expect(result.rollback?.attempted == true)
    }

    @Test func `a revision that somebody interrupted is not waited for for ever`() async throws {
        let result = try await WorkflowHarness.deployed { $0.rollouts = [.interrupted] }.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.failure?.code == "RevisionInterrupted")
        #expect(result.rollback?.result == .success)
    }

    @Test func `a revision that goes on after an interruption is waited for`() async throws {
        let rollout = ModelRollout(
            [.init(.building, .seconds(20)), .init(.interrupted, .seconds(30)), .init(.deploying, .seconds(9))],
            ending: .deployed)
        let result = try await WorkflowHarness.deployed { $0.rollouts = [rollout] }.run()
        #expect(result.verdict == .success, result.story)
    }

    @Test func `row 28: a revision of another commit is rolled back when that shows at the end`() async throws {
        let rollout = ModelRollout([.init(.creating, .seconds(9))], ending: .deployed)
            .with { $0.commit = WorkflowHarness.otherCommit }
        let result = try await WorkflowHarness.deployed { $0.rollouts = [rollout] }.run()
        #expect(result.exitCode == 5, result.story)
        #expect(result.changes == [WorkflowHarnessResult.revise, WorkflowHarnessResult.redeploy])
        #expect(result.active?.commit == WorkflowHarness.oldCommit)
    }

    @Test func `row 28: a revision of another commit is interrupted while it builds`() async throws {
        let result = try await WorkflowHarness.deployed {
            $0.rollouts = [.deployed.with { $0.commit = WorkflowHarness.otherCommit }]
        }.run()
        #expect(result.exitCode == 5, result.story)
        #expect(result.failure?.code == "CommitMismatch")
        #expect(result.changes == [WorkflowHarnessResult.revise, WorkflowHarnessResult.interruption])
        #expect(result.deployment?.revisions.last?.status(at: result.plane.now) == .interrupted)
        #expect(result.active?.commit == WorkflowHarness.oldCommit)
        #expect(result.rollback?.reason == "the previous revision is still live")
    }

    @Test func `row 28: an interruption whose response is lost is requested again`() async throws {
        let trial = WorkflowHarness.deployed {
            $0.rollouts = [.deployed.with { $0.commit = WorkflowHarness.otherCommit }]
        }
        trial.plane.faults { $0.add(WorkflowHarnessResult.interruption, .status(503)) }
        let result = try await trial.run()
        #expect(result.exitCode == 5, result.story)
        #expect(result.deployment?.revisions.last?.status(at: result.plane.now) == .interrupted)
        #expect(result.active?.commit == WorkflowHarness.oldCommit)
    }

    @Test func `row 28: an older plane is asked to interrupt in its own way`() async throws {
        let result = try await WorkflowHarness.deployed {
            $0.behavior.isOlder = true
            $0.rollouts = [.deployed.with { $0.commit = WorkflowHarness.otherCommit }]
        }.run()
        #expect(result.exitCode == 5, result.story)
        #expect(result.deployment?.revisions.last?.status(at: result.plane.now) == .interrupted)
    }

    @Test func `a plane that does not say what it built proves nothing`() async throws {
        let result = try await WorkflowHarness.deployed {
            $0.rollouts = [.deployed.with { $0.reportsCommit = false }]
        }.run()
        #expect(result.exitCode == 5, result.story)
        #expect(result.failure?.code == "CommitUnknown")
    }
}
