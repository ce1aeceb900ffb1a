import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import Simulation
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

/// What happens while the revision is under way: losing sight is no failure, and nothing is taken for success that is
/// none.
@Suite struct WatchingTests {
    private func deployed(
        _ arrange: (inout ModelWorld) -> Void = { _ in }, faults: (inout ModelFaults) -> Void = { _ in }
    ) -> WorkflowHarness {
        let trial = WorkflowHarness.deployed(arrange)
        trial.plane.faults(faults)
        return trial
    }

    @Test(arguments: [
        ModelFault.status(503), .status(500), .status(429), .status(429, retryAfter: 30), .lostBefore, .truncated,
        .html, .timeout(processed: false), .refused,
    ])
    func `rows 5 to 7, 17 and 18: five bad answers to polls are no failure`(fault: ModelFault) async throws {
        let result = try await deployed(faults: { $0.add(WorkflowHarnessResult.poll, fault, after: 2, times: 5) }).run()
        #expect(result.verdict == .success, result.story)
        #expect(result.changes == [WorkflowHarnessResult.revise])
    }

    @Test func `row 7: an outage of twenty minutes is survived`() async throws {
        let result = try await deployed(faults: {
            $0.add("*", .refused, times: nil, from: .seconds(20), until: .seconds(1220))
        }).run()
        #expect(result.verdict == .success, result.story)
        #expect(result.duration > .seconds(1220))
        #expect(result.changes == [WorkflowHarnessResult.revise])
    }

    @Test func `an outage until the deadline leaves the outcome unknown`() async throws {
        let result = try await deployed(faults: { $0.add("*", .status(503), times: nil, from: .seconds(20)) }).run()
        #expect(result.exitCode == 124, result.story)
        #expect(result.failure?.code == "DeployTimeout")
        #expect(result.duration <= .seconds(1806))
    }

    @Test func `an outage just after DEPLOYED is survived too`() async throws {
        let result = try await deployed(faults: {
            $0.add("GET /v2/deployments/{id}", .status(503), times: nil, until: .seconds(600))
        }).run()
        #expect(result.verdict == .success, result.story)
    }

    @Test func `an outage after DEPLOYED until the deadline leaves the outcome unknown`() async throws {
        let result = try await deployed(faults: {
            $0.add("GET /v2/deployments/{id}", .status(503), times: nil)
        }).run()
        #expect(result.exitCode == 124, result.story)
        #expect(result.duration <= .seconds(1806))
    }

    @Test func `row 15: a key that is refused for a moment is no failure`() async throws {
        let result = try await deployed(faults: {
            $0.add(WorkflowHarnessResult.poll, .refusal(401), after: 2, times: 2)
        }
        ).run()
        #expect(result.verdict == .success, result.story)
    }

    @Test func `row 15: neither is one that is refused while what serves is looked at`() async throws {
        let result = try await deployed(faults: { $0.add("GET /v2/deployments/{id}", .refusal(401), times: 2) }).run()
        #expect(result.verdict == .success, result.story)
    }

    @Test func `row 15: a key that was revoked ends the run, and nothing is rolled back`() async throws {
        let trial = deployed()
        trial.plane.world { $0.at(.seconds(30)) { world, _ in world.key = "another-key" } }
        let result = try await trial.run()
        #expect(result.exitCode == 77, result.story)
        #expect(result.failure?.hint?.contains("may still go live") == true)
        #expect(result.changes == [WorkflowHarnessResult.revise])
        #expect(result.duration >= .seconds(60))
    }

    @Test(arguments: [30, 300])
    func `row 15: a new key in the key's file lets the watch go on`(replacedAt: Int) async throws {
        let (first, second) = ("lsv2_pt_0123456789abcdef_model", "another-key-altogether")
        var trial = deployed()
        trial.plane.world { $0.at(.seconds(30)) { world, _ in world.key = second } }
        trial.keyFile = { [clock = trial.clock] in
            clock.now.sinceStart >= .seconds(replacedAt) ? second + "\n" : first
        }
        let result = try await trial.run()
        if replacedAt == 30 {
            #expect(result.verdict == .success, result.story)
            #expect(result.notes.contains { $0.contains("--api-key-file has a new one") })
        } else {
            #expect(result.exitCode == 77, result.story)
        }
        #expect(!result.journalText.contains(second))
    }

    @Test func `row 15: a key that comes between two looks is used for the next one`() async throws {
        var trial = deployed()
        trial.plane.world { $0.at(.seconds(30)) { world, _ in world.key = "another-key-altogether" } }
        trial.keyFile = { [clock = trial.clock] in
            clock.now.sinceStart >= .seconds(55) ? "another-key-altogether" : "lsv2_pt_0123456789abcdef_model"
        }
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.warnings.contains { $0.contains("the key was refused") })
    }

    @Test func `row 15: a new key is taken up before a change, and by the change itself`() async throws {
        let second = "another-key-altogether"
        for endpoint in ["GET /v2/deployments/{id}", WorkflowHarnessResult.redeploy, WorkflowHarnessResult.revise] {
            var trial = deployed({ $0.rollouts = [.buildFailed] })
            trial.plane.at(ModelBoundary(.beforeProcessing, 1, of: endpoint) { world, _ in world.key = second })
            trial.keyFile = { [plane = trial.plane] in plane.world(\.key) }
            let result = try await trial.run()
            #expect(result.rollback?.result == .success, result.story)
            #expect(result.notes.contains { $0.contains("--api-key-file has a new one") })
            #expect(!result.journalText.contains(second))
        }
    }

    @Test func `row 15: a new key is taken up while what serves is looked at, too`() async throws {
        var trial = deployed({ $0.behavior.activeLag = .seconds(30) })
        trial.plane.world { $0.at(.seconds(95)) { world, _ in world.key = "another-key-altogether" } }
        trial.keyFile = { "another-key-altogether" }
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
    }

    @Test func `row 19: a status that nobody knows is waited out, with one warning`() async throws {
        let result = try await deployed({ $0.rollouts = [.unknownStatus] }).run()
        #expect(result.verdict == .success, result.story)
        #expect(result.warnings.filter { $0.contains("CANARY_ANALYSIS") }.count == 1)
    }

    @Test func `row 19: an unknown status for ever is a timeout, never a success`() async throws {
        let unknown = ModelRollout([.init(RevisionStatus(rawValue: "HALTED"), .seconds(1))], ending: nil)
        let result = try await deployed({ $0.rollouts = [unknown] }).run()
        #expect(result.exitCode == 124, result.story)
    }

    @Test func `row 21: a stuck revision is left alone when its time is over`() async throws {
        let result = try await deployed({ $0.rollouts = [.stuck] }).run()
        #expect(result.exitCode == 124, result.story)
        #expect(result.changes == [WorkflowHarnessResult.revise])
        #expect(1800...1806 ~= result.duration.seconds)
        #expect(result.failure?.message.contains("last status DEPLOYING") == true)
    }

    @Test func `row 21: a stuck revision is interrupted when that is asked for`() async throws {
        var trial = deployed({ $0.rollouts = [.stuck] })
        trial.inputs["on-timeout"] = "interrupt"
        let result = try await trial.run()
        #expect(result.exitCode == 124, result.story)
        #expect(result.changes == [WorkflowHarnessResult.revise, WorkflowHarnessResult.interruption])
        #expect(result.rollback == nil)
        #expect(result.timeline.last?.contains("INTERRUPTED") == true)
    }

    @Test func `row 21: a stuck revision is interrupted and rolled back when that is asked for`() async throws {
        var trial = deployed({ $0.rollouts = [.stuck] })
        trial.inputs["on-timeout"] = "rollback"
        trial.inputs["timeout"] = "10m"
        let result = try await trial.run()
        #expect(result.exitCode == 1, result.story)
        #expect(
            result.changes == [
                WorkflowHarnessResult.revise, WorkflowHarnessResult.interruption, WorkflowHarnessResult.redeploy,
            ])
        #expect(result.rollback?.result == .success)
        #expect(result.active?.commit == WorkflowHarness.oldCommit)
    }

    @Test func `row 21: an interruption that does not get through does not hide the timeout`() async throws {
        var trial = deployed(
            { $0.rollouts = [.stuck] }, faults: { $0.add("*", .refused, times: nil, from: .seconds(1700)) })
        trial.inputs["on-timeout"] = "interrupt"
        let result = try await trial.run()
        #expect(result.exitCode == 124, result.story)
        #expect(result.failure?.code == "DeployTimeout")
        #expect(result.duration <= .seconds(1806))
    }

    @Test func `row 21: half of the time is told with the status, once`() async throws {
        var trial = deployed({ $0.rollouts = [.stuck] })
        trial.inputs["timeout"] = "10m"
        let result = try await trial.run()
        #expect(result.warnings.filter { $0.contains("half of --timeout") }.count == 1, result.story)
    }

    @Test func `row 24: a deployment that was deleted meanwhile is confirmed, and nothing is made again`() async throws
    {
        let trial = deployed()
        trial.plane.world {
            $0.at(.seconds(30)) { world, now in
                guard let id = world.deployments.first?.id else { return }
                world.change(id) { $0.deletedAt = now }
            }
        }
        let result = try await trial.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.failure?.code == "DeploymentDeleted")
        #expect(result.changes == [WorkflowHarnessResult.revise])
        #expect(result.duration >= .seconds(40))
    }

    @Test func `row 24: an outage while a deletion is confirmed is not the end`() async throws {
        let result = try await deployed(faults: {
            $0.add(WorkflowHarnessResult.poll, .refusal(404), after: 4)
            $0.add(WorkflowHarnessResult.poll, .html, after: 4, times: 6)
        }).run()
        #expect(result.verdict == .success, result.story)
    }

    @Test func `row 24: a key that is refused while a deletion is confirmed is not the end`() async throws {
        let result = try await deployed(faults: {
            $0.add(WorkflowHarnessResult.poll, .refusal(404), after: 4)
            $0.add(WorkflowHarnessResult.poll, .refusal(401), after: 4, times: 1)
        }).run()
        #expect(result.verdict == .success, result.story)
    }

    @Test func `row 25: a revision that is not found right after it was made is looked for again`() async throws {
        let result = try await deployed({ $0.behavior.readLag = .seconds(20) }).run()
        #expect(result.verdict == .success, result.story)
        #expect(result.changes == [WorkflowHarnessResult.revise])
    }

    @Test func `row 27: an active revision that lags is waited for`() async throws {
        let result = try await deployed({ $0.behavior.activeLag = .seconds(40) }).run()
        #expect(result.verdict == .success, result.story)
    }

    @Test func `row 27: an active revision that never comes fails the verification and is rolled back`() async throws {
        let result = try await deployed({ $0.rollouts = [.deployed.with { $0.goesLive = false }] }).run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.failure?.code == "NotServing")
        #expect(result.rollback?.result == .success)
        #expect(result.active?.commit == WorkflowHarness.oldCommit)
    }

    @Test func `row 27: on a plane that never switches, the old revision serves still: that is told, and at once`()
        async throws
    {
        let still = ModelRollout.deployed.with { $0.goesLive = false }
        let result = try await deployed({ $0.rollouts = [still, still] }).run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.failure?.code == "NotServing")
        #expect(result.rollback?.result == .success)
        #expect(result.rollback?.revisionID == result.active?.id.rawValue)
        #expect(result.active?.commit == WorkflowHarness.oldCommit)
        // Twice 90 s of building, and only once a minute of looking.
        #expect(result.duration < .seconds(265), result.story)
    }

    @Test func `a rollback that cannot be verified is a failed rollback`() async throws {
        let result = try await deployed(
            { $0.rollouts = [.buildFailed] },
            faults: { $0.add("GET /v2/deployments/{id}", .status(503), after: 1, times: nil) }
        ).run()
        #expect(result.exitCode == 3, result.story)
        #expect(result.rollback?.revisionID != nil)
    }

    @Test func `row 42: a look comes before the deadline is judged`() async throws {
        var trial = deployed()
        trial.inputs["poll-interval"] = "3h"
        trial.inputs["timeout"] = "5m"
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
    }

    @Test func `every status is told once`() async throws {
        let result = try await deployed().run()
        #expect(result.timeline.last == "DEPLOYED")
        #expect(Set(result.timeline).subtracting(["BUILDING"]).count >= 3)
        let repeats = zip(result.timeline, result.timeline.dropFirst()).filter { $0 == $1 }
        #expect(repeats.count <= 1, "only the commit may become known within a status")
    }
}
