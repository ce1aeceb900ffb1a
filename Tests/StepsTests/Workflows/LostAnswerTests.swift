import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import Simulation
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

/// Changes whose answer is lost: looked for, adopted, and sent again only when they certainly left no trace.
@Suite struct LostAnswerTests {
    static let afterIt: [ModelFault] = [.lostAfter, .statusAfter(504), .timeout(processed: true), .truncated]
    static let beforeIt: [ModelFault] = [.lostBefore, .status(503), .timeout(processed: false), .html]

    private func trial(
        _ trial: WorkflowHarness, _ endpoint: String, _ fault: ModelFault, times: Int? = 1
    ) async throws -> WorkflowHarnessResult {
        trial.plane.faults { $0.add(endpoint, fault, times: times) }
        return try await trial.run()
    }

    @Test(arguments: afterIt)
    func `row 8: a deployment that was created although the answer is lost is adopted`(fault: ModelFault) async throws {
        let result = try await trial(WorkflowHarness(), WorkflowHarnessResult.create, fault)
        #expect(result.verdict == .success, result.story)
        #expect(result.changes == [WorkflowHarnessResult.create])
        #expect(result.plane.world(\.deployments).count == 1)
        #expect(result.active?.commit == WorkflowHarness.ourCommit)
    }

    @Test(arguments: beforeIt)
    func `row 8: a deployment that was not created is created once more`(fault: ModelFault) async throws {
        let result = try await trial(WorkflowHarness(), WorkflowHarnessResult.create, fault)
        #expect(result.verdict == .success, result.story)
        #expect(result.changes == [WorkflowHarnessResult.create, WorkflowHarnessResult.create])
        #expect(result.plane.world(\.deployments).count == 1)
    }

    @Test func `row 8: a creation is sent twice at most, then its outcome is unknown`() async throws {
        let result = try await trial(WorkflowHarness(), WorkflowHarnessResult.create, .lostBefore, times: nil)
        #expect(result.exitCode == 124, result.story)
        #expect(result.changes == [WorkflowHarnessResult.create, WorkflowHarnessResult.create])
    }

    @Test func `row 8: a creation that shows late is adopted when the second one is refused`() async throws {
        let result = try await trial(
            WorkflowHarness { $0.behavior.readLag = .seconds(12) }, WorkflowHarnessResult.create, .lostAfter)
        #expect(result.verdict == .success, result.story)
        #expect(result.plane.world(\.deployments).count == 1)
        #expect(result.active?.commit == WorkflowHarness.ourCommit)
    }

    @Test func `row 8: what somebody else created from another repository is not adopted`() async throws {
        let other = WorkflowHarness()
        other.plane.world { world in
            world.at(.milliseconds(90)) { world, _ in
                world.addDeployment(repoURL: "https://github.com/else/thing", commits: [WorkflowHarness.otherCommit])
            }
        }
        let result = try await trial(other, WorkflowHarnessResult.create, .status(502))
        #expect(result.exitCode == 64, result.story)
        #expect(result.failure?.code == "RepositoryMismatch")
    }

    @Test func `row 8: what somebody else created before our request is not adopted`() async throws {
        let other = WorkflowHarness()
        other.plane.world { world in
            // An hour old, but no read showed it until now.
            world.at(.milliseconds(90)) { world, _ in world.addDeployment(commits: [WorkflowHarness.otherCommit]) }
        }
        let result = try await trial(other, WorkflowHarnessResult.create, .status(502))
        #expect(result.exitCode == 75, result.story)
        #expect(result.failure?.code == "NameTaken")
        #expect(result.changes == [WorkflowHarnessResult.create])
    }

    @Test(arguments: [20, 40])
    func `row 9: what a PATCH made may be listed up to 30 s later`(lag: Int) async throws {
        let trial = WorkflowHarness.deployed {
            $0.behavior.isOlder = true
            $0.behavior.listLag = .seconds(lag)
        }
        let result = try await trial.run()
        #expect(result.changes == [WorkflowHarnessResult.revise, WorkflowHarnessResult.patch], result.story)
        if lag < 30 {
            #expect(result.verdict == .success, result.story)
        } else {
            #expect(result.failure?.code == "RevisionNotFound", result.story)
            #expect(result.exitCode == 124)
            #expect(30...32 ~= result.duration.seconds)
        }
    }

    @Test(arguments: afterIt)
    func `row 9: a revision that was made although the answer is lost is adopted`(fault: ModelFault) async throws {
        let result = try await trial(.deployed(), WorkflowHarnessResult.revise, fault)
        #expect(result.verdict == .success, result.story)
        #expect(result.changes == [WorkflowHarnessResult.revise])
        #expect(result.deployment?.revisions.count == 2)
        #expect(result.active?.commit == WorkflowHarness.ourCommit)
    }

    @Test(arguments: beforeIt)
    func `row 9: a revision that was not made is made once more`(fault: ModelFault) async throws {
        let result = try await trial(.deployed(), WorkflowHarnessResult.revise, fault)
        #expect(result.verdict == .success, result.story)
        #expect(result.changes == [WorkflowHarnessResult.revise, WorkflowHarnessResult.revise])
        #expect(result.deployment?.revisions.count == 2)
    }

    @Test(arguments: afterIt)
    func `row 9: the same by PATCH on an older plane`(fault: ModelFault) async throws {
        let result = try await trial(.deployed { $0.behavior.isOlder = true }, WorkflowHarnessResult.patch, fault)
        #expect(result.verdict == .success, result.story)
        #expect(result.count(WorkflowHarnessResult.patch) == 1)
        #expect(result.deployment?.revisions.count == 2)
    }

    @Test func `row 9: reads that lag behind do not make a second revision`() async throws {
        let result = try await trial(
            .deployed { $0.behavior.readLag = .seconds(8) }, WorkflowHarnessResult.revise, .lostAfter)
        #expect(result.verdict == .success, result.story)
        #expect(result.deployment?.revisions.count == 2)
    }

    @Test func `row 9: a revision whose commit no list tells is looked at by itself`() async throws {
        let result = try await trial(
            .deployed { $0.behavior.listsCommits = false }, WorkflowHarnessResult.revise, .lostAfter)
        #expect(result.verdict == .success, result.story)
        #expect(result.changes == [WorkflowHarnessResult.revise])
    }

    @Test func `row 9: a revision of somebody else is not taken for ours`() async throws {
        let trial = WorkflowHarness.deployed()
        trial.plane.faults { $0.add(WorkflowHarnessResult.revise, .lostBefore) }
        trial.plane.world { world in
            world.at(.milliseconds(110)) { world, now in
                guard let id = world.deployments.first?.id else { return }
                world.push("dev", to: id, at: now) { $0.commit = WorkflowHarness.otherCommit }
            }
        }
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.count(WorkflowHarnessResult.revise) == 2)
        #expect(result.active?.commit == WorkflowHarness.ourCommit)
    }

    @Test func `row 9: of two revisions of our branch the one of our commit is ours`() async throws {
        let trial = WorkflowHarness.deployed()
        trial.plane.faults { $0.add(WorkflowHarnessResult.revise, .lostAfter) }
        trial.plane.world { world in
            // A push by somebody else, in the moment before our request is carried out; it builds the older head.
            world.at(.milliseconds(90)) { world, now in
                guard let id = world.deployments.first?.id else { return }
                world.push("main", to: id, at: now, rollout: .buildFailed) { $0.commit = WorkflowHarness.otherCommit }
            }
        }
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.changes == [WorkflowHarnessResult.revise])
        #expect(result.active?.commit == WorkflowHarness.ourCommit)
    }

    @Test func `row 9: of two revisions of our commit the older one is ours`() async throws {
        let trial = WorkflowHarness.deployed { $0.rollouts = [.buildFailed] }
        trial.plane.faults {
            $0.add(WorkflowHarnessResult.revise, .lostAfter)
            $0.add(WorkflowHarnessResult.list, .status(503), times: nil, from: .milliseconds(90), until: .seconds(60))
        }
        trial.plane.world { world in
            // Somebody else deploys the very commit, long after our request and before any list shows ours.
            world.at(.seconds(45)) { world, now in
                guard let id = world.deployments.first?.id else { return }
                world.push("main", to: id, at: now, rollout: .unknownEnding) {
                    $0.commit = WorkflowHarness.ourCommit
                    $0.isForeign = true
                }
            }
        }
        let result = try await trial.run()
        let ours = result.deployment?.revisions.last { !$0.isForeign }
        #expect(result.output("revision-id", of: "create")?.string == ours?.id.rawValue, result.story)
        #expect(result.failure?.code == "BuildFailed")
        #expect(result.count(WorkflowHarnessResult.redeploy) == 0)
    }

    @Test func `row 9: a revision of our branch from another commit is not built over`() async throws {
        let trial = WorkflowHarness.deployed {
            $0.rollouts = [.deployed.with { $0.commit = WorkflowHarness.otherCommit }]
        }
        trial.plane.faults { $0.add(WorkflowHarnessResult.revise, .lostAfter) }
        let result = try await trial.run()
        #expect(result.exitCode == 4, result.story)
        #expect(result.failure?.code == "RefMoved")
        #expect(result.changes == [WorkflowHarnessResult.revise])
    }

    @Test func `row 9: where the branch moved, message and reports name what is live`() async throws {
        let trial = WorkflowHarness.deployed {
            $0.rollouts = [ModelRollout([], ending: .deployed).with { $0.commit = WorkflowHarness.otherCommit }]
        }
        trial.plane.faults { $0.add(WorkflowHarnessResult.revise, .lostAfter) }
        let result = try await trial.run()
        #expect(result.failure?.code == "RefMoved", result.story)
        let live = try #require(result.active)
        #expect(live.commit == WorkflowHarness.otherCommit)
        #expect(result.failure?.message.contains("revision \(live.id) is live now") == true, result.story)
        #expect(result.seenDeployment?.activeRevisionID == live.id.rawValue)
        #expect(result.seenDeployment?.activeCommitSHA == live.commit)
        #expect(result.seenDeployment?.previousRevisionID == result.deployment?.revisions.first?.id.rawValue)
    }

    /// The first request meets an ingress page, and the one that repeats it is refused when no time is left for another.
    @Test(arguments: [
        (WorkflowHarnessResult.revise, ModelFault.refusal(409)), (WorkflowHarnessResult.revise, .refused),
        (WorkflowHarnessResult.redeploy, .refusal(404)), (WorkflowHarnessResult.redeploy, .refused),
    ])
    func `row 9: a refusal of the repeated request at the deadline leaves the outcome unknown`(
        endpoint: String, fault: ModelFault
    ) async throws {
        var trial = WorkflowHarness {
            $0.addDeployment(commits: [WorkflowHarness.otherCommit, WorkflowHarness.oldCommit])
        }
        if endpoint == WorkflowHarnessResult.redeploy { trial.workflow = BuiltinWorkflows.rollback }
        trial.inputs["timeout"] = "13s"
        trial.plane.faults {
            $0.add(endpoint, .page(404))
            $0.add(endpoint, fault)
        }
        let result = try await trial.run()
        #expect(result.exitCode == 124, result.story)
        #expect(result.failure?.code == "OutcomeUnknown")
        #expect(result.changes == [endpoint, endpoint])
    }

    @Test(arguments: afterIt)
    func `row 10: a redeploy that was made although the answer is lost is adopted`(fault: ModelFault) async throws {
        let result = try await trial(.deployed { $0.rollouts = [.buildFailed] }, WorkflowHarnessResult.redeploy, fault)
        #expect(result.exitCode == 1, result.story)
        #expect(result.count(WorkflowHarnessResult.redeploy) == 1)
        #expect(result.rollback?.result == .success)
        #expect(result.rollback?.revisionID == result.active?.id.rawValue)
    }

    @Test(arguments: beforeIt)
    func `row 10: a redeploy that was not made is sent once more`(fault: ModelFault) async throws {
        var failing = WorkflowHarness.deployed { $0.rollouts = [.deployed.with { $0.agentStatus = 500 }] }
        failing.inputs["smoke"] = "/ok"
        let result = try await trial(failing, WorkflowHarnessResult.redeploy, fault)
        #expect(result.exitCode == 1, result.story)
        #expect(result.count(WorkflowHarnessResult.redeploy) == 2)
        #expect(result.active?.commit == WorkflowHarness.oldCommit)
    }

    @Test func `row 10: after a lost redeploy a revision of somebody else is not taken for it`() async throws {
        let trial = WorkflowHarness.deployed { $0.rollouts = [.deployed.with { $0.agentStatus = 500 }] }
        var failing = trial
        failing.inputs["smoke"] = "/ok"
        failing.plane.faults { $0.add(WorkflowHarnessResult.redeploy, .lostBefore) }
        failing.plane.world { world in
            world.at(.seconds(101)) { world, now in
                guard let id = world.deployments.first?.id else { return }
                world.push("dev", to: id, at: now) { $0.commit = WorkflowHarness.otherCommit }
            }
        }
        let result = try await failing.run()
        #expect(result.rollback?.revisionID != result.deployment?.revisions.last { $0.ref == "dev" }?.id.rawValue)
        #expect(result.exitCode != 0)
    }

    @Test func `row 10: after a lost redeploy a revision that never says its commit does not count as restored`()
        async throws
    {
        let trial = WorkflowHarness.deployed {
            $0.rollouts = [.buildFailed]
            $0.behavior.readLag = .milliseconds(500)
        }
        trial.plane.faults { $0.add(WorkflowHarnessResult.redeploy, .status(503)) }
        // No read has shown it when the redeploy is requested.
        trial.plane.at(
            ModelBoundary(.beforeProcessing, 1, of: WorkflowHarnessResult.redeploy) { world, now in
                guard let id = world.deployments.first?.id else { return }
                world.push("main", to: id, at: now, rollout: .deployed.with { $0.reportsCommit = false }) {
                    $0.commit = WorkflowHarness.otherCommit
                    $0.isForeign = true
                }
            })
        let result = try await trial.run()
        #expect(result.exitCode == 3, result.story)
        #expect(result.rollback?.result != .success)
        #expect(result.count(WorkflowHarnessResult.redeploy) == 1)
    }

    @Test func `row 10: a redeploy that was answered needs no commit to be told from others`() async throws {
        let result = try await WorkflowHarness.deployed {
            $0.rollouts = [.buildFailed, .deployed.with { $0.reportsCommit = false }]
        }.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.rollback?.result == .success)
    }

    @Test func `row 5: a change that a rate limiter refuses was not made, so it is sent again`() async throws {
        let result = try await trial(.deployed(), WorkflowHarnessResult.revise, .status(429, retryAfter: 20))
        #expect(result.verdict == .success, result.story)
        #expect(result.count(WorkflowHarnessResult.revise) == 2)
        #expect(result.deployment?.revisions.count == 2)
    }

    @Test func `row 2: a change that never reached the plane is sent again`() async throws {
        let result = try await trial(.deployed(), WorkflowHarnessResult.revise, .refused, times: 2)
        #expect(result.verdict == .success, result.story)
        #expect(result.deployment?.revisions.count == 2)
    }

    @Test func `an outage after a lost answer leaves the outcome unknown`() async throws {
        let trial = WorkflowHarness.deployed()
        trial.plane.faults {
            $0.add(WorkflowHarnessResult.revise, .lostAfter)
            $0.add("GET*", .refused, times: nil, from: .milliseconds(100))
        }
        let result = try await trial.run()
        #expect(result.exitCode == 124, result.story)
        #expect(result.changes == [WorkflowHarnessResult.revise])
    }
}
