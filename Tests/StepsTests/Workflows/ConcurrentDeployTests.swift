import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import Simulation
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

/// Somebody else's revision is under way, or the plane says so with a conflict.
@Suite struct ConcurrentDeployTests {
    /// Somebody else makes a revision at a time.
    private func push(
        _ trial: WorkflowHarness, at time: Duration, commit: String = WorkflowHarness.otherCommit, ref: String = "dev",
        rollout: ModelRollout = .deployed
    ) {
        trial.plane.world { world in
            world.at(time) { world, now in
                guard let id = world.deployments.first?.id else { return }
                world.push(ref, to: id, at: now, rollout: rollout) {
                    $0.commit = commit
                    $0.isForeign = true
                }
            }
        }
    }

    private func sentAt(_ result: WorkflowHarnessResult, _ endpoint: String) -> Double? {
        result.plane.arrivals.first { $0.request.endpoint == endpoint }?.at.seconds
    }

    @Test func `row 23: a revision of another commit that is under way is waited for, and ours goes on from there`()
        async throws
    {
        let trial = WorkflowHarness.deployed()
        push(trial, at: .zero)
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.changes == [WorkflowHarnessResult.revise])
        #expect(sentAt(result, WorkflowHarnessResult.revise).map { 90...96 ~= $0 } == true)
        #expect(result.active?.commit == WorkflowHarness.ourCommit)
        let foreign = result.deployment?.revisions.first { $0.isForeign }?.id.rawValue
        #expect(result.output("previous-revision-id", of: "create")?.text == foreign)
        #expect(result.seenDeployment?.previousRevisionID == foreign)
        #expect(result.notes.contains { $0.contains("is in progress") && $0.contains("waiting for it") })
        #expect(!result.warnings.contains { $0.hasPrefix("raced") })
    }

    @Test func `row 23: what went live while we waited is what a failure goes back to`() async throws {
        let trial = WorkflowHarness.deployed()
        push(trial, at: .zero)
        trial.plane.world { $0.rollouts = [.deployFailed] }
        let result = try await trial.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.rollback?.toRevisionID == result.deployment?.revisions.first { $0.isForeign }?.id.rawValue)
        #expect(result.active?.commit == WorkflowHarness.otherCommit)
    }

    @Test func `row 23: what does not end in time keeps us out, and nothing is changed`() async throws {
        var trial = WorkflowHarness.deployed()
        push(trial, at: .zero, rollout: .stuck)
        trial.inputs["timeout"] = "10m"
        let result = try await trial.run()
        #expect(result.exitCode == 75, result.story)
        #expect(result.failure?.code == "DeploymentBusy")
        #expect(result.changes.isEmpty)
        #expect(600...606 ~= result.duration.seconds)
    }

    @Test func `row 23: one whose commit turns out to be ours is taken up`() async throws {
        let trial = WorkflowHarness.deployed()
        push(trial, at: .zero, commit: WorkflowHarness.ourCommit, ref: "main")
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.changes.isEmpty)
        #expect(result.active?.commit == WorkflowHarness.ourCommit)
    }

    @Test func `row 23: who does not wait is queued behind it, knowingly`() async throws {
        var trial = WorkflowHarness.deployed()
        push(trial, at: .zero)
        trial.inputs["wait"] = false
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.changes == [WorkflowHarnessResult.revise])
        #expect(result.warnings.contains { $0.contains("queued behind it") })
        #expect(result.duration < .seconds(2))
    }

    @Test func `row 34: told to stop while we wait for our turn, nothing is changed`() async throws {
        var trial = WorkflowHarness.deployed()
        push(trial, at: .zero)
        trial.interruptAt = .seconds(30)
        let result = try await trial.run()
        #expect(result.exitCode == 130, result.story)
        #expect(result.changes.isEmpty)
        #expect(result.duration < .seconds(32))
    }

    @Test func `row 23: one that slips in before ours is told`() async throws {
        let trial = WorkflowHarness.deployed()
        // Preflight has read the revisions at 80 ms; ours arrives at 100 ms.
        push(trial, at: .milliseconds(90))
        let result = try await trial.run()
        #expect(result.changes == [WorkflowHarnessResult.revise])
        #expect(result.warnings.filter { $0.hasPrefix("concurrent deploy: ") }.count == 1, "\(result.warnings)")
        #expect(result.verdict == .success, result.story)
    }

    @Test func `row 23: a deploy that nobody disturbs is not raced`() async throws {
        let result = try await WorkflowHarness.deployed().run()
        #expect(result.verdict == .success, result.story)
        #expect(!result.warnings.contains { $0.hasPrefix("raced") })
    }

    @Test func `row 12: a conflict while somebody's revision is under way is waited out`() async throws {
        let trial = WorkflowHarness.deployed()
        push(trial, at: .milliseconds(90))
        trial.plane.faults { $0.add(WorkflowHarnessResult.revise, .refusal(409)) }
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.count(WorkflowHarnessResult.revise) == 2)
        #expect(result.active?.commit == WorkflowHarness.ourCommit)
        #expect(result.deployment?.revisions.count == 3)
    }

    @Test func `row 12: the same by PATCH on an older plane`() async throws {
        let trial = WorkflowHarness.deployed { $0.behavior.isOlder = true }
        trial.plane.faults { $0.add(WorkflowHarnessResult.patch, .refusal(409)) }
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.count(WorkflowHarnessResult.patch) == 2)
        #expect(result.deployment?.revisions.count == 2)
    }

    @Test func `row 12: a conflict with a revision of our commit is success`() async throws {
        let trial = WorkflowHarness.deployed()
        push(trial, at: .milliseconds(90), commit: WorkflowHarness.ourCommit, ref: "main")
        trial.plane.faults { $0.add(WorkflowHarnessResult.revise, .refusal(409), times: nil) }
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.count(WorkflowHarnessResult.revise) == 1)
        #expect(result.active?.commit == WorkflowHarness.ourCommit)
    }

    @Test func `row 12: a conflict that stays is told after three tries`() async throws {
        let trial = WorkflowHarness.deployed()
        trial.plane.faults { $0.add(WorkflowHarnessResult.revise, .refusal(409), times: nil) }
        let result = try await trial.run()
        #expect(result.exitCode == 75, result.story)
        #expect(result.failure?.code == "DeploymentBusy")
        #expect(result.count(WorkflowHarnessResult.revise) == 3)
        #expect(result.active?.commit == WorkflowHarness.oldCommit)
    }
}
