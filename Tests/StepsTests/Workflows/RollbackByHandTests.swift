import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import Reports
import Simulation
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

/// `rollback`, asked for by a person.
@Suite struct RollbackByHandTests {
    /// Three revisions, the third one serves.
    private func trial(
        _ inputs: [String: Value] = [:], _ arrange: (inout ModelWorld) -> Void = { _ in }
    ) -> WorkflowHarness {
        var trial = WorkflowHarness {
            $0.addDeployment(commits: [
                WorkflowHarness.oldCommit, WorkflowHarness.ourCommit, WorkflowHarness.otherCommit,
            ])
            arrange(&$0)
        }
        trial.workflow = BuiltinWorkflows.rollback
        trial.inputs = ["deployment": "agent"].merging(inputs) { $1 }
        return trial
    }

    private func ids(_ trial: WorkflowHarness) -> [String] {
        trial.plane.world { $0.deployment(named: "agent")?.revisions.map(\.id.rawValue) ?? [] }
    }

    @Test func `the last revision before the live one comes back, verified`() async throws {
        let trial = trial()
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.changes == [WorkflowHarnessResult.redeploy])
        #expect(result.rollback?.toRevisionID == ids(trial)[1])
        #expect(result.rollback?.result == .success)
        #expect(result.active?.commit == WorkflowHarness.ourCommit)
        #expect(result.seenDeployment?.previousRevisionID == ids(trial)[2])
    }

    @Test(arguments: [true, false])
    func `row 28: a redeploy that builds another commit is named, and is not the target`(isSlow: Bool) async throws {
        let trial = trial { world in
            world.rollouts = [
                ModelRollout.deployed.with { rollout in
                    rollout.commit = String(repeating: "4", count: 40)
                    if !isSlow { rollout.phases = rollout.phases.map { .init($0.status, .milliseconds(1)) } }
                }
            ]
        }
        let result = try await trial.run()
        #expect(result.exitCode == 5, result.story)
        let made = ids(trial).last
        #expect(result.failure?.code == "CommitMismatch")
        #expect(result.failure?.message.contains("revision \(made ?? "") is built from commit 444444444444") == true)
        #expect(result.rollback?.toRevisionID == ids(trial)[1])
        #expect(result.rollback?.revisionID == made)
        #expect(result.rollback?.result == .failure)
        #expect(result.changes == [WorkflowHarnessResult.redeploy])
    }

    @Test(arguments: [401, 403, 404, 409, 422])
    func `a refused redeploy has changed nothing`(status: Int) async throws {
        let trial = trial()
        trial.plane.faults { $0.add(WorkflowHarnessResult.redeploy, .refusal(status), times: nil) }
        let result = try await trial.run()
        #expect(result.verdict != .success, result.story)
        #expect(result.rollback?.attempted == true && result.rollback?.result != .success)
        let changed = RunSummary(events: result.events).rollouts.filter { $0.hasIntendedChange || $0.hasChanged }
        #expect(changed.isEmpty)
        #expect(result.active?.commit == WorkflowHarness.otherCommit)
    }

    @Test func `a lost redeploy that is refused when it is repeated may have changed something`() async throws {
        let trial = trial()
        trial.plane.faults {
            $0.add(WorkflowHarnessResult.redeploy, .lostBefore, times: 1)
            $0.add(WorkflowHarnessResult.redeploy, .refusal(403), times: nil)
        }
        let result = try await trial.run()
        #expect(result.verdict != .success, result.story)
        let rollouts = RunSummary(events: result.events).rollouts
        #expect(rollouts.contains { $0.hasIntendedChange })
    }

    @Test(arguments: ["deployment", "deployment-id"])
    func `a step of its own takes the deployment by its name or id`(input: String) async throws {
        var trial = trial()
        let id = try #require(trial.plane.world { $0.deployment(named: "agent")?.id.rawValue })
        let step = StepDefinition(
            id: "undo", name: "Undo", uses: "rollback",
            with: [input: .literal(.string(input == "deployment" ? "agent" : id))])
        let undo = Workflow(
            name: "undo", inputs: [InputDefinition("deployment", description: "")],
            jobs: [Job(id: "undo", steps: [step])])
        trial.workflow = { undo }
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.changes == [WorkflowHarnessResult.redeploy])
        #expect(result.rollback?.toRevisionID == ids(trial)[1])
    }

    /// A build of somebody else holds the slot when the rollback is queued, and another push waits behind it.
    @Test(arguments: ["30m", "67s"])
    func `row 20: a rollback that is skipped is superseded, also at its deadline`(timeout: String) async throws {
        let trial = trial(["force": true, "timeout": .string(timeout), "poll-interval": "40s"]) { world in
            for (time, ref) in [(Duration.milliseconds(10), "dev"), (.seconds(20), "main")] {
                world.at(time) { world, now in
                    guard let id = world.deployments.first?.id else { return }
                    world.push(ref, to: id, at: now, rollout: ref == "dev" ? .buildFailed : .deployed) {
                        $0.commit = String(repeating: "4", count: 40)
                    }
                }
            }
        }
        let result = try await trial.run()
        #expect(result.exitCode == 4, result.story)
        let live = ids(trial)[2]
        #expect(result.failure?.message.contains("was skipped: superseded by a newer one; revision \(live)") == true)
        #expect(result.seenDeployment?.activeRevisionID == live)
        #expect(result.rollback?.result == .failure)
    }

    @Test(arguments: [nil, true, false])
    func `after a rollback over several steps nothing that it took away comes back`(isRollback: Bool?) async throws {
        let (first, second, third) = (WorkflowHarness.oldCommit, WorkflowHarness.ourCommit, WorkflowHarness.otherCommit)
        var trial = WorkflowHarness { $0.addDeployment(commits: [first, second, third]) }
        trial.workflow = BuiltinWorkflows.rollback
        trial.inputs = ["deployment": "agent", "to": .string(ids(trial)[0])]
        #expect(try await trial.run().active?.commit == first)
        if let isRollback {
            trial.records = { made in
                let last = Set(made.suffix(1))
                return isRollback ? RecordedRevisions(rollbacks: last) : RecordedRevisions(deploys: last)
            }
        }
        trial.inputs["to"] = nil
        let result = try await trial.run()
        if isRollback == true {
            #expect(result.failure?.code == "NoRollbackTarget", result.story)
            #expect(result.active?.commit == first)
        } else {
            #expect(result.verdict == .success, result.story)
            #expect(result.active?.commit == third)
        }
        #expect(result.warnings.contains { $0.contains("no record tells why") } == (isRollback == nil))
    }

    @Test func `what a rollback took away does not come back by itself`() async throws {
        var trial = WorkflowHarness {
            $0.addDeployment(commits: [
                String(repeating: "0", count: 40), WorkflowHarness.oldCommit, WorkflowHarness.otherCommit,
                WorkflowHarness.oldCommit,
            ])
        }
        trial.workflow = BuiltinWorkflows.rollback
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.rollback?.toRevisionID == ids(trial).first)
        #expect(result.notes.contains { $0.contains("skipping revision \(ids(trial)[2])") })
    }

    @Test func `the same commit that failed its smoke test with other settings does not come back`() async throws {
        var trial = WorkflowHarness {
            $0.addDeployment(commits: [WorkflowHarness.ourCommit])
            $0.rollouts = [.deployed.with { $0.agentStatus = 500 }]
        }
        (trial.inputs["force"], trial.inputs["smoke"]) = (true, "/ok")
        let deployed = try await trial.run()
        #expect(deployed.exitCode == 1, deployed.story)
        #expect(deployed.rollback?.result == .success)
        let live = deployed.active?.id
        trial.workflow = BuiltinWorkflows.rollback
        trial.inputs = ["deployment": "agent"]
        let result = try await trial.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.failure?.code == "NoRollbackTarget")
        #expect(result.failure?.message.contains("same as the live one") == true)
        #expect(result.active?.id == live)
        #expect(result.count(WorkflowHarnessResult.redeploy) == 1)
    }

    @Test func `repeated, it goes further back, and ends where nothing is left`() async throws {
        let (first, old, bad) = (WorkflowHarness.otherCommit, WorkflowHarness.oldCommit, WorkflowHarness.ourCommit)
        var trial = WorkflowHarness { $0.addDeployment(commits: [first, old, bad]) }
        trial.workflow = BuiltinWorkflows.rollback
        #expect(try await trial.run().active?.commit == old)
        #expect(try await trial.run().active?.commit == first)
        let live = ids(trial).last
        let result = try await trial.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.failure?.code == "NoRollbackTarget")
        #expect(ids(trial).last == live)
    }

    @Test func `an old commit that was deployed again is not rolled back to itself`() async throws {
        let (first, old, last) = (WorkflowHarness.ourCommit, WorkflowHarness.oldCommit, WorkflowHarness.otherCommit)
        var trial = WorkflowHarness { $0.addDeployment(commits: [first, old, last]) }
        let deployed = try await trial.run()
        #expect(deployed.active?.commit == first, deployed.story)
        trial.workflow = BuiltinWorkflows.rollback
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.active?.commit == last)
    }

    @Test func `what was rolled back behind twenty builds that failed is known`() async throws {
        let (first, bad) = (WorkflowHarness.oldCommit, WorkflowHarness.otherCommit)
        var trial = WorkflowHarness {
            let id = $0.addDeployment(commits: [first, bad])
            for number in 0..<18 {
                $0.push(
                    "main", to: id, at: MonotonicInstant(sinceStart: .seconds(-3000 + 100 * number)),
                    rollout: .createFailed)
            }
            $0.push("main", to: id, at: MonotonicInstant(sinceStart: .seconds(-1000)), rollout: .deployed) {
                $0.commit = first
            }
        }
        trial.workflow = BuiltinWorkflows.rollback
        let result = try await trial.run()
        #expect(result.failure?.code == "NoRollbackTarget", result.story)
        #expect(result.changes.isEmpty)
    }

    @Test func `a revision that appears after it was chosen keeps the redeploy from being sent, unless forced`()
        async throws
    {
        for (force, sent) in [(false, 0), (true, 1)] {
            let trial = trial(["force": .bool(force)])
            trial.plane.world { world in
                // Between the choice of the target and the redeploy.
                world.at(.milliseconds(130)) { world, now in
                    guard let id = world.deployments.first?.id else { return }
                    world.push("dev", to: id, at: now) { $0.isForeign = true }
                }
            }
            let result = try await trial.run()
            #expect(result.count(WorkflowHarnessResult.redeploy) == sent, result.story)
            #expect(force || result.exitCode == 75)
        }
    }

    @Test func `a revision can be named by the beginning of its id`() async throws {
        let plain = trial()
        let first = ids(plain)[0]
        let result = try await trial(["to": .string(String(first.prefix(4)))]).run()
        #expect(result.verdict == .success, result.story)
        #expect(result.active?.commit == WorkflowHarness.oldCommit)
    }

    @Test func `so can one that is older than the newest page`() async throws {
        var plain = WorkflowHarness {
            $0.addDeployment(
                commits: [WorkflowHarness.oldCommit] + Array(repeating: WorkflowHarness.ourCommit, count: 30))
        }
        plain.workflow = BuiltinWorkflows.rollback
        plain.inputs = ["deployment": "agent", "to": .string(String(ids(plain)[0].prefix(30)))]
        let result = try await plain.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.active?.commit == WorkflowHarness.oldCommit)
    }

    @Test func `the reason that somebody gives is in the reports`() async throws {
        let result = try await trial(["reason": "the new one is slow"]).run()
        #expect(result.rollback?.result == .success, result.story)
        #expect(result.rollback?.reason == "the new one is slow")
    }

    @Test func `a deployment can be named by its id`() async throws {
        let id = trial().plane.world { $0.deployments.first?.id.rawValue ?? "" }
        #expect(try await trial(["deployment": .string(id)]).run().verdict == .success)
    }

    @Test func `an unknown revision is a usage error`() async throws {
        let result = try await trial(["to": "ffffffff"]).run()
        #expect(result.exitCode == 64, result.story)
        #expect(result.changes.isEmpty)
    }

    @Test func `the live revision is no target`() async throws {
        let result = try await trial(["to": .string(ids(trial())[2])]).run()
        #expect(result.exitCode == 64, result.story)
        #expect(result.failure?.code == "LiveAlready")
        #expect(result.changes.isEmpty)
    }

    @Test func `a revision that never was deployed is no target`() async throws {
        let trial = trial()
        let failed = trial.plane.world { world -> RevisionID? in
            guard let id = world.deployments.first?.id else { return nil }
            return world.push(
                "main", to: id, at: MonotonicInstant(sinceStart: .seconds(-600)), rollout: .buildFailed)
        }
        var asked = trial
        asked.inputs["to"] = Value(failed?.rawValue)
        let result = try await asked.run()
        #expect(result.exitCode == 64, result.story)
        #expect(result.failure?.code == "NeverDeployed")
    }

    @Test func `a revision behind the newest twenty is found by its whole id`() async throws {
        let trial = WorkflowHarness {
            $0.addDeployment(commits: (0..<30).map { String(repeating: "\($0 % 10)", count: 40) })
        }
        var asked = trial
        asked.workflow = BuiltinWorkflows.rollback
        asked.inputs["to"] = Value(ids(trial).first)
        let result = try await asked.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.active?.commit == String(repeating: "0", count: 40))
    }

    @Test func `the default is found behind twenty builds that failed`() async throws {
        let trial = trial()
        trial.plane.world { world in
            guard let id = world.deployments.first?.id else { return }
            for number in 0..<20 {
                world.push(
                    "main", to: id, at: MonotonicInstant(sinceStart: .seconds(-3000 + 100 * number)),
                    rollout: .createFailed)
            }
        }
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.active?.commit == WorkflowHarness.ourCommit)
    }

    @Test func `row 30: without an earlier revision there is nothing to go back to`() async throws {
        var trial = WorkflowHarness.deployed()
        trial.workflow = BuiltinWorkflows.rollback
        let result = try await trial.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.failure?.code == "NoRollbackTarget")
        #expect(result.changes.isEmpty)
    }

    @Test func `a deployment that is not there is a failure`() async throws {
        let result = try await trial(["deployment": "nothing"]).run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.failure?.code == "DeploymentMissing")
    }

    private func busy(_ inputs: [String: Value] = [:]) -> WorkflowHarness {
        let trial = trial(inputs)
        trial.plane.world { world in
            world.at(.zero) { world, now in
                guard let id = world.deployments.first?.id else { return }
                world.push("dev", to: id, at: now, rollout: .buildFailed)
            }
        }
        return trial
    }

    @Test func `row 33: a deploy that is under way is not rolled back over`() async throws {
        let result = try await busy().run()
        #expect(result.exitCode == 75, result.story)
        #expect(result.failure?.code == "DeployUnderWay")
        #expect(result.changes.isEmpty)
    }

    @Test func `row 33: unless that is forced`() async throws {
        let result = try await busy(["force": true]).run()
        #expect(result.verdict == .success, result.story)
        #expect(result.active?.commit == WorkflowHarness.ourCommit)
    }

    @Test func `what a person has seen has to be what serves still`() async throws {
        let result = try await trial(["expected-active": .string(ids(trial())[0])]).run()
        #expect(result.exitCode == 75, result.story)
        #expect(result.failure?.code == "ChangedMeanwhile")
        #expect(result.changes.isEmpty)
    }

    @Test func `row 33: what appears at the last look is not rolled back over, and nothing is told as requested`()
        async throws
    {
        let trial = trial()
        trial.plane.at(
            ModelBoundary(.beforeProcessing, 2, of: WorkflowHarnessResult.list) { world, now in
                guard let id = world.deployments.first?.id else { return }
                world.push("dev", to: id, at: now)
            })
        let result = try await trial.run()
        #expect(result.exitCode == 75, result.story)
        #expect(result.changes.isEmpty)
        #expect(result.rollback?.attempted == false && result.rollback?.revisionID == nil)
        let summary = RunSummary(events: result.events)
        #expect(!summary.main.hasChanged && !summary.main.hasIntendedChange)
    }

    @Test func `what somebody pushes between the last look and the request is told`() async throws {
        let trial = trial()
        trial.plane.at(
            ModelBoundary(.beforeProcessing, 1, of: WorkflowHarnessResult.redeploy) { world, now in
                guard let id = world.deployments.first?.id else { return }
                world.push("dev", to: id, at: now) { $0.isForeign = true }
            })
        let result = try await trial.run()
        let other = try #require(result.plane.world { $0.deployments.first?.revisions.first { $0.isForeign } })
        #expect(result.changes == [WorkflowHarnessResult.redeploy])
        #expect(result.warnings.contains { $0.contains("revision \(other.id)") && $0.contains("replaces it too") })
    }

    @Test func `what a person has seen may be the beginning of its id`() async throws {
        let live = try #require(ids(trial()).last)
        let result = try await trial(["expected-active": .string(String(live.prefix(8)))]).run()
        #expect(result.verdict == .success, result.story)
    }

    @Test func `a rollback that fails leaves the old one serving: one failure, not two`() async throws {
        let result = try await trial { $0.rollouts = [.deployFailed] }.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.rollback?.result == .failure)
        #expect(result.changes == [WorkflowHarnessResult.redeploy])
    }

    @Test func `row 32: a rollback that does not end is a timeout, and may still go live`() async throws {
        let result = try await trial(["timeout": "10m"]) { $0.rollouts = [.stuck] }.run()
        #expect(result.exitCode == 124, result.story)
        #expect(result.rollback?.result == .timeout)
        #expect(600...606 ~= result.duration.seconds)
    }

    @Test(arguments: LostAnswerTests.afterIt + LostAnswerTests.beforeIt)
    func `row 10: a lost answer to the redeploy is no failure`(fault: ModelFault) async throws {
        let trial = trial()
        trial.plane.faults { $0.add(WorkflowHarnessResult.redeploy, fault) }
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.active?.commit == WorkflowHarness.ourCommit)
        #expect(result.count(WorkflowHarnessResult.redeploy) == (LostAnswerTests.afterIt.contains(fault) ? 1 : 2))
    }

    @Test func `a plane that starts the old revision again is waited for`() async throws {
        let result = try await trial { $0.behavior.redeploysSameRevision = true }.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.rollback?.revisionID == result.active?.id.rawValue)
        #expect(result.active?.commit == WorkflowHarness.ourCommit)
    }

    @Test func `smoke tests follow`() async throws {
        let result = try await trial(["smoke": "/ok"]) {
            $0.rollouts = [.deployed.with { $0.agentStatus = 500 }]
        }.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.failure?.code == "SmokeTestFailed")
        #expect(result.changes == [WorkflowHarnessResult.redeploy])
    }
}
