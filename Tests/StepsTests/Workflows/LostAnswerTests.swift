import ControlPlane
import ControlPlaneTypes
import Engine
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

/// Changes whose answer is lost: looked for, adopted, and sent again only when they certainly left no trace.
@Suite struct LostAnswerTests {
    static let afterIt: [ModelFault] = [.lostAfter, .statusAfter(504), .timeout(processed: true), .truncated]
    static let beforeIt: [ModelFault] = [.lostBefore, .status(503), .timeout(processed: false), .html]

    private func trial(
        _ trial: WorkflowTrial, _ endpoint: String, _ fault: ModelFault, times: Int? = 1
    ) async throws -> TrialResult {
        trial.plane.faults { $0.add(endpoint, fault, times: times) }
        return try await trial.run()
    }

    @Test(arguments: afterIt)
    func `row 8: a deployment that was created although the answer is lost is adopted`(fault: ModelFault) async throws {
        let result = try await trial(WorkflowTrial(), TrialResult.create, fault)
        #expect(result.verdict == .success, result.story)
        #expect(result.changes == [TrialResult.create])
        #expect(result.plane.world(\.deployments).count == 1)
        #expect(result.active?.commit == WorkflowTrial.ourCommit)
    }

    @Test(arguments: beforeIt)
    func `row 8: a deployment that was not created is created once more`(fault: ModelFault) async throws {
        let result = try await trial(WorkflowTrial(), TrialResult.create, fault)
        #expect(result.verdict == .success, result.story)
        #expect(result.changes == [TrialResult.create, TrialResult.create])
        #expect(result.plane.world(\.deployments).count == 1)
    }

    @Test func `row 8: a creation is sent twice at most, then its outcome is unknown`() async throws {
        let result = try await trial(WorkflowTrial(), TrialResult.create, .lostBefore, times: nil)
        #expect(result.exitCode == 124, result.story)
        #expect(result.changes == [TrialResult.create, TrialResult.create])
    }

    @Test func `row 8: a creation that shows late is adopted when the second one is refused`() async throws {
        let result = try await trial(
            WorkflowTrial { $0.behavior.readLag = .seconds(12) }, TrialResult.create, .lostAfter)
        #expect(result.verdict == .success, result.story)
        #expect(result.plane.world(\.deployments).count == 1)
        #expect(result.active?.commit == WorkflowTrial.ourCommit)
    }

    @Test func `row 8: what somebody else created from another repository is not adopted`() async throws {
        let other = WorkflowTrial()
        other.plane.world { world in
            world.at(.milliseconds(90)) { world, _ in
                world.addDeployment(repoURL: "https://github.com/else/thing", commits: [WorkflowTrial.otherCommit])
            }
        }
        let result = try await trial(other, TrialResult.create, .status(502))
        #expect(result.exitCode == 64, result.story)
        #expect(result.failure?.code == "RepositoryMismatch")
    }

    @Test func `row 8: what somebody else created before our request is not adopted`() async throws {
        let other = WorkflowTrial()
        other.plane.world { world in
            // An hour old, but no read showed it until now.
            world.at(.milliseconds(90)) { world, _ in world.addDeployment(commits: [WorkflowTrial.otherCommit]) }
        }
        let result = try await trial(other, TrialResult.create, .status(502))
        #expect(result.exitCode == 75, result.story)
        #expect(result.failure?.code == "NameTaken")
        #expect(result.changes == [TrialResult.create])
    }

    @Test(arguments: afterIt)
    func `row 9: a revision that was made although the answer is lost is adopted`(fault: ModelFault) async throws {
        let result = try await trial(.deployed(), TrialResult.revise, fault)
        #expect(result.verdict == .success, result.story)
        #expect(result.changes == [TrialResult.revise])
        #expect(result.deployment?.revisions.count == 2)
        #expect(result.active?.commit == WorkflowTrial.ourCommit)
    }

    @Test(arguments: beforeIt)
    func `row 9: a revision that was not made is made once more`(fault: ModelFault) async throws {
        let result = try await trial(.deployed(), TrialResult.revise, fault)
        #expect(result.verdict == .success, result.story)
        #expect(result.changes == [TrialResult.revise, TrialResult.revise])
        #expect(result.deployment?.revisions.count == 2)
    }

    @Test(arguments: afterIt)
    func `row 9: the same by PATCH on an older plane`(fault: ModelFault) async throws {
        let result = try await trial(.deployed { $0.behavior.isOlder = true }, TrialResult.patch, fault)
        #expect(result.verdict == .success, result.story)
        #expect(result.count(TrialResult.patch) == 1)
        #expect(result.deployment?.revisions.count == 2)
    }

    @Test func `row 9: reads that lag behind do not make a second revision`() async throws {
        let result = try await trial(
            .deployed { $0.behavior.readLag = .seconds(8) }, TrialResult.revise, .lostAfter)
        #expect(result.verdict == .success, result.story)
        #expect(result.deployment?.revisions.count == 2)
    }

    @Test func `row 9: a revision whose commit no list tells is looked at by itself`() async throws {
        let result = try await trial(
            .deployed { $0.behavior.listsCommits = false }, TrialResult.revise, .lostAfter)
        #expect(result.verdict == .success, result.story)
        #expect(result.changes == [TrialResult.revise])
    }

    @Test func `row 9: a revision of somebody else is not taken for ours`() async throws {
        let trial = WorkflowTrial.deployed()
        trial.plane.faults { $0.add(TrialResult.revise, .lostBefore) }
        trial.plane.world { world in
            world.at(.milliseconds(110)) { world, now in
                guard let id = world.deployments.first?.id else { return }
                world.push("dev", to: id, at: now) { $0.commit = WorkflowTrial.otherCommit }
            }
        }
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.count(TrialResult.revise) == 2)
        #expect(result.active?.commit == WorkflowTrial.ourCommit)
    }

    @Test func `row 9: of two revisions of our branch the one of our commit is ours`() async throws {
        let trial = WorkflowTrial.deployed()
        trial.plane.faults { $0.add(TrialResult.revise, .lostAfter) }
        trial.plane.world { world in
            // A push by somebody else, in the moment before our request is carried out; it builds the older head.
            world.at(.milliseconds(90)) { world, now in
                guard let id = world.deployments.first?.id else { return }
                world.push("main", to: id, at: now, rollout: .buildFailed) { $0.commit = WorkflowTrial.otherCommit }
            }
        }
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.changes == [TrialResult.revise])
        #expect(result.active?.commit == WorkflowTrial.ourCommit)
    }

    @Test func `row 9: a revision of our branch from another commit is not built over`() async throws {
        let trial = WorkflowTrial.deployed {
            $0.rollouts = [.deployed.with { $0.commit = WorkflowTrial.otherCommit }]
        }
        trial.plane.faults { $0.add(TrialResult.revise, .lostAfter) }
        let result = try await trial.run()
        #expect(result.exitCode == 4, result.story)
        #expect(result.failure?.code == "RefMoved")
        #expect(result.changes == [TrialResult.revise])
    }

    @Test(arguments: afterIt)
    func `row 10: a redeploy that was made although the answer is lost is adopted`(fault: ModelFault) async throws {
        let result = try await trial(.deployed { $0.rollouts = [.buildFailed] }, TrialResult.redeploy, fault)
        #expect(result.exitCode == 1, result.story)
        #expect(result.count(TrialResult.redeploy) == 1)
        #expect(result.rollback?.result == .success)
        #expect(result.rollback?.revisionID == result.active?.id.rawValue)
    }

    @Test(arguments: beforeIt)
    func `row 10: a redeploy that was not made is sent once more`(fault: ModelFault) async throws {
        var failing = WorkflowTrial.deployed { $0.rollouts = [.deployed.with { $0.agentStatus = 500 }] }
        failing.inputs["smoke"] = "/ok"
        let result = try await trial(failing, TrialResult.redeploy, fault)
        #expect(result.exitCode == 1, result.story)
        #expect(result.count(TrialResult.redeploy) == 2)
        #expect(result.active?.commit == WorkflowTrial.oldCommit)
    }

    @Test func `row 10: after a lost redeploy a revision of somebody else is not taken for it`() async throws {
        let trial = WorkflowTrial.deployed { $0.rollouts = [.deployed.with { $0.agentStatus = 500 }] }
        var failing = trial
        failing.inputs["smoke"] = "/ok"
        failing.plane.faults { $0.add(TrialResult.redeploy, .lostBefore) }
        failing.plane.world { world in
            world.at(.seconds(101)) { world, now in
                guard let id = world.deployments.first?.id else { return }
                world.push("dev", to: id, at: now) { $0.commit = WorkflowTrial.otherCommit }
            }
        }
        let result = try await failing.run()
        #expect(result.rollback?.revisionID != result.deployment?.revisions.last { $0.ref == "dev" }?.id.rawValue)
        #expect(result.exitCode != 0)
    }

    @Test func `row 5: a change that a rate limiter refuses was not made, so it is sent again`() async throws {
        let result = try await trial(.deployed(), TrialResult.revise, .status(429, retryAfter: 20))
        #expect(result.verdict == .success, result.story)
        #expect(result.count(TrialResult.revise) == 2)
        #expect(result.deployment?.revisions.count == 2)
    }

    @Test func `row 2: a change that never reached the plane is sent again`() async throws {
        let result = try await trial(.deployed(), TrialResult.revise, .refused, times: 2)
        #expect(result.verdict == .success, result.story)
        #expect(result.deployment?.revisions.count == 2)
    }

    @Test func `an outage after a lost answer leaves the outcome unknown`() async throws {
        let trial = WorkflowTrial.deployed()
        trial.plane.faults {
            $0.add(TrialResult.revise, .lostAfter)
            $0.add("GET*", .refused, times: nil, from: .milliseconds(100))
        }
        let result = try await trial.run()
        #expect(result.exitCode == 124, result.story)
        #expect(result.changes == [TrialResult.revise])
    }
}
