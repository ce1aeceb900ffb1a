import ControlPlane
import ControlPlaneTypes
import Engine
import Simulation
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

/// Somebody else deploys at the same time.
@Suite struct SupersededTests {
    /// A long build holds the slot, ours waits behind it, and then somebody pushes `commit`.
    private func overtaken(
        by commit: String, rollout: ModelRollout = .deployed, source: DeploymentSource = .github
    ) -> WorkflowHarness {
        let trial = WorkflowHarness {
            $0.addDeployment(source: source, commits: [WorkflowHarness.oldCommit])
        }
        trial.plane.world { world in
            // After preflight has looked, before ours arrives.
            world.at(.milliseconds(90)) { world, now in
                guard let id = world.deployments.first?.id else { return }
                world.push("dev", to: id, at: now, rollout: .buildFailed) { $0.commit = WorkflowHarness.otherCommit }
            }
            world.at(.seconds(20)) { world, now in
                guard let id = world.deployments.first?.id else { return }
                world.push("main", to: id, at: now, rollout: rollout) {
                    $0.commit = commit
                    if source == .internalSource { $0.tarball = "else.tar.gz" }
                }
            }
        }
        return trial
    }

    @Test(arguments: [ModelRollout.deployed, ModelRollout([], ending: .deployed)])
    func `row 20: a revision that was skipped is superseded, and nothing is rolled back`(
        newer: ModelRollout
    ) async throws {
        let result = try await overtaken(by: WorkflowHarness.otherCommit, rollout: newer).run()
        #expect(result.exitCode == 4, result.story)
        #expect(result.failure?.code == "Superseded")
        #expect(result.changes == [WorkflowHarnessResult.revise])
        #expect(result.rollback == nil)
        #expect(result.seenDeployment?.activeRevisionID == result.active?.id.rawValue)
    }

    @Test func `row 20: following succeeds when the newer revision carries our commit`() async throws {
        var trial = overtaken(by: WorkflowHarness.ourCommit)
        trial.inputs["on-superseded"] = "follow"
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.active?.commit == WorkflowHarness.ourCommit)
        #expect(result.output("followed-revision-id", of: "wait")?.text == result.active?.id.rawValue)
    }

    @Test func `row 20: following a revision of another commit is no success, and it is left alone`() async throws {
        var trial = overtaken(by: WorkflowHarness.otherCommit)
        trial.inputs["on-superseded"] = "follow"
        let result = try await trial.run()
        #expect(result.exitCode == 4, result.story)
        #expect(result.changes == [WorkflowHarnessResult.revise])
    }

    @Test func `row 20: following goes on when the newer one is overtaken too`() async throws {
        var trial = overtaken(by: WorkflowHarness.otherCommit)
        trial.inputs["on-superseded"] = "follow"
        trial.plane.world { world in
            world.at(.seconds(30)) { world, now in
                guard let id = world.deployments.first?.id else { return }
                world.push("main", to: id, at: now) { $0.commit = WorkflowHarness.ourCommit }
            }
        }
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.active?.commit == WorkflowHarness.ourCommit)
    }

    @Test func `row 20: following goes on when the followed one is skipped in turn`() async throws {
        let skipped = ModelRollout([.init(.queued, .seconds(30))], ending: .skipped)
        var trial = overtaken(by: WorkflowHarness.otherCommit, rollout: skipped)
        trial.inputs["on-superseded"] = "follow"
        trial.plane.world { world in
            // Ours is skipped at 66 s, when the followed one gets the slot.
            world.at(.seconds(80)) { world, now in
                guard let id = world.deployments.first?.id else { return }
                world.push("main", to: id, at: now) { $0.commit = WorkflowHarness.ourCommit }
            }
        }
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.active?.commit == WorkflowHarness.ourCommit)
        #expect(result.notes.filter { $0.hasPrefix("following revision") }.count == 2)
    }

    @Test func `row 20: following ends when revision after revision is skipped`() async throws {
        let skipped = ModelRollout([.init(.queued, .seconds(30))], ending: .skipped)
        var trial = overtaken(by: WorkflowHarness.otherCommit, rollout: skipped)
        trial.inputs["on-superseded"] = "follow"
        trial.inputs["timeout"] = "2h"
        trial.plane.world { world in
            for number in 0..<40 {
                world.at(.seconds(70 + 25 * number)) { world, now in
                    guard let id = world.deployments.first?.id else { return }
                    world.push("main", to: id, at: now, rollout: skipped) { $0.commit = WorkflowHarness.ourCommit }
                }
            }
        }
        let result = try await trial.run()
        #expect(result.exitCode == 4, result.story)
        #expect(result.notes.filter { $0.hasPrefix("following revision") }.count == SuccessorWatch.mostRevisions)
    }

    @Test func `row 20: a followed revision is not rolled back at the deadline, whatever is asked for ours`()
        async throws
    {
        var trial = overtaken(by: WorkflowHarness.ourCommit, rollout: .stuck)
        trial.inputs["on-superseded"] = "follow"
        trial.inputs["on-timeout"] = "rollback"
        let result = try await trial.run()
        #expect(result.exitCode == 124, result.story)
        #expect(result.changes == [WorkflowHarnessResult.revise])
    }

    @Test func `row 20: an outage while the successor is looked up is waited out`() async throws {
        var trial = overtaken(by: WorkflowHarness.ourCommit)
        trial.inputs["on-superseded"] = "follow"
        trial.plane.faults {
            $0.add("GET /v2/deployments/{id}", .refused, times: nil, from: .seconds(60), until: .seconds(400))
            $0.add("GET /v2/deployments/{id}", .refusal(404), from: .seconds(400))
        }
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
    }

    @Test func `row 20: a followed revision that does not end in time leaves the outcome unknown`() async throws {
        var trial = overtaken(by: WorkflowHarness.ourCommit, rollout: .stuck)
        trial.inputs["on-superseded"] = "follow"
        let result = try await trial.run()
        #expect(result.exitCode == 124, result.story)
        #expect(result.rollback == nil)
    }

    @Test func `row 20: a newer live revision of somebody else is never rolled back`() async throws {
        var trial = WorkflowHarness.deployed { $0.rollouts = [.deployed.with { $0.agentStatus = 500 }] }
        trial.inputs["smoke"] = "/ok"
        trial.inputs["poll-interval"] = "1s"
        trial.plane.world { world in
            // While the smoke test is still trying.
            world.at(.seconds(94)) { world, now in
                guard let id = world.deployments.first?.id else { return }
                let atOnce = ModelRollout([], ending: .deployed).with { $0.agentStatus = 500 }
                world.push("dev", to: id, at: now, rollout: atOnce) { $0.commit = WorkflowHarness.otherCommit }
            }
        }
        let result = try await trial.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.failure?.code == "SmokeTestFailed")
        #expect(result.count(WorkflowHarnessResult.redeploy) == 0)
        #expect(result.rollback?.reason?.contains("went live meanwhile") == true)
        #expect(result.active?.commit == WorkflowHarness.otherCommit)
    }

    @Test func `row 20: a newer live revision of somebody else supersedes ours when it is verified`() async throws {
        let trial = WorkflowHarness.deployed()
        trial.plane.world { world in
            world.at(.seconds(50)) { world, now in
                guard let id = world.deployments.first?.id else { return }
                world.push("dev", to: id, at: now, rollout: ModelRollout([], ending: .deployed)) {
                    $0.commit = WorkflowHarness.otherCommit
                }
            }
        }
        let result = try await trial.run()
        #expect(result.exitCode == 4, result.story)
        #expect(result.changes == [WorkflowHarnessResult.revise])
    }

    @Test func `row 20: a newer revision of somebody else that is under way is not rolled back over`() async throws {
        let trial = WorkflowHarness.deployed { $0.rollouts = [.buildFailed] }
        trial.plane.world { world in
            world.at(.seconds(40)) { world, now in
                guard let id = world.deployments.first?.id else { return }
                world.push("dev", to: id, at: now) { $0.commit = WorkflowHarness.otherCommit }
            }
        }
        let result = try await trial.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.count(WorkflowHarnessResult.redeploy) == 0)
        #expect(result.rollback?.reason?.contains("in progress") == true)
    }

    @Test func `row 23: a push while ours builds takes over afterwards, and is not ours to judge`() async throws {
        let trial = WorkflowHarness.deployed()
        trial.plane.world { world in
            world.at(.seconds(30)) { world, now in
                guard let id = world.deployments.first?.id else { return }
                world.push("dev", to: id, at: now) { $0.commit = WorkflowHarness.otherCommit }
            }
        }
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.active?.commit == WorkflowHarness.ourCommit)
    }

    @Test func `row 23: on an older plane a push in the same moment is not taken for ours`() async throws {
        let trial = WorkflowHarness.deployed { $0.behavior.isOlder = true }
        trial.plane.world { world in
            // After our PATCH was answered, before the revisions are listed.
            world.at(.milliseconds(170)) { world, now in
                guard let id = world.deployments.first?.id else { return }
                world.push("main", to: id, at: now) { $0.commit = WorkflowHarness.otherCommit }
            }
        }
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.output("commit-sha", of: "wait")?.text == WorkflowHarness.ourCommit)
    }

    @Test func `row 20: an uploaded archive of somebody else is never taken for ours`() async throws {
        var trial = overtaken(by: WorkflowHarness.otherCommit, source: .internalSource)
        trial.inputs["on-superseded"] = "follow"
        let fixture = try await GitFixture()
        try fixture.write("langgraph.json", "{}")
        try await fixture.commit("Work")
        trial.repository = fixture.path
        let result = try await trial.run()
        #expect(result.exitCode == 4, result.story)
    }
}
