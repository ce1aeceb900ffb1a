import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import Simulation
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

/// Somebody else acts between a read and the change that follows it. Judged by what the plane processed, and when.
@Suite struct SomebodyElseTests {
    private static let redeploy = WorkflowHarnessResult.redeploy

    private func push(
        _ trial: WorkflowHarness, at time: Duration, ref: String = "dev", rollout: ModelRollout = .deployed
    ) {
        trial.plane.world { world in
            world.at(time) { world, now in
                guard let id = world.deployments.first?.id else { return }
                world.push(ref, to: id, at: now, rollout: rollout) {
                    $0.commit = WorkflowHarness.otherCommit
                    $0.isForeign = true
                }
            }
        }
    }

    private func failing() -> WorkflowHarness {
        WorkflowHarness.deployed { $0.rollouts = [.buildFailed] }
    }

    private func foreign(_ result: WorkflowHarnessResult) -> String? {
        result.deployment?.revisions.first { $0.isForeign }?.id.rawValue
    }

    @Test func `a push in any gap before the redeploy keeps it from being sent`() async throws {
        let plain = try await failing().run()
        let sent = try #require(plain.plane.arrivals.first { $0.request.endpoint == Self.redeploy }?.at)
        for step in 0..<60 {
            let trial = failing()
            let pushed = sent - .milliseconds(step * 20)
            push(trial, at: pushed)
            let result = try await trial.run()
            #expect(result.exitCode == 1, result.story)
            let redeploys = result.plane.arrivals.filter { $0.request.endpoint == Self.redeploy }
            // The list that was read last was processed half a latency before the redeploy was sent.
            #expect(redeploys.allSatisfy { $0.at < pushed + ModelControlPlane.latency }, "pushed at \(pushed)")
            if redeploys.isEmpty {
                let theirs = try #require(foreign(result))
                #expect(result.rollback?.reason?.contains(theirs) == true, result.story)
                #expect(result.rollback?.attempted == false)
            }
        }
    }

    @Test(arguments: [ModelFault.status(429, retryAfter: 4), .refused, .refusal(409), .status(503), .lostBefore])
    func `a revision that goes live while the redeploy is held back keeps it from being sent again`(
        fault: ModelFault
    ) async throws {
        let plain = try await failing().run()
        let sent = try #require(plain.plane.arrivals.first { $0.request.endpoint == Self.redeploy }?.at)
        let trial = failing()
        trial.plane.faults { $0.add(Self.redeploy, fault) }
        push(trial, at: sent + .seconds(2), rollout: ModelRollout([], ending: .deployed))
        let result = try await trial.run()
        #expect(result.count(Self.redeploy) == 1, result.story)
        #expect(result.active?.commit == WorkflowHarness.otherCommit)
        #expect(result.rollback?.reason?.contains(try #require(foreign(result))) == true)
    }

    @Test func `row 23: reads that are slow are repeated three times in all, then the request is sent`() async throws {
        let trial = WorkflowHarness.deployed()
        trial.plane.faults {
            $0.add(WorkflowHarnessResult.list, .slow(.seconds(24), isProcessedFirst: true), times: nil)
        }
        // It comes up while the last of them is on its way: nothing can show it before the request.
        push(trial, at: .seconds(80), rollout: .stuck)
        let result = try await trial.run()
        let sent = try #require(result.plane.arrivals.first { $0.request.endpoint == WorkflowHarnessResult.revise }?.at)
        let lists = result.plane.arrivals.filter { $0.request.endpoint == WorkflowHarnessResult.list && $0.at < sent }
        // One of preflight, three before the request.
        #expect(lists.count == 4, result.story)
        #expect(sent > .seconds(96))
    }

    @Test func `row 23: what a slow read shows keeps the request from being sent`() async throws {
        var trial = WorkflowHarness.deployed()
        trial.inputs["timeout"] = "5m"
        trial.plane.faults {
            $0.add(WorkflowHarnessResult.list, .slow(.seconds(24), isProcessedFirst: true), times: nil)
        }
        push(trial, at: .seconds(60), rollout: .stuck)
        let result = try await trial.run()
        #expect(result.exitCode == 124, result.story)
        #expect(result.changes.isEmpty)
    }

    @Test(arguments: [ModelRollout.unknownStatus, .stuck])
    func `a newer revision that never ends keeps the redeploy from being sent`(rollout: ModelRollout) async throws {
        let trial = failing()
        push(trial, at: .seconds(20), rollout: rollout)
        let result = try await trial.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.count(Self.redeploy) == 0)
    }

    @Test(arguments: [ModelFault.status(429, retryAfter: 4), .refused, .refusal(409)])
    func `a newer commit that goes live while a creation is held back stops it`(fault: ModelFault) async throws {
        let trial = WorkflowHarness.deployed()
        trial.plane.faults { $0.add(WorkflowHarnessResult.revise, fault) }
        push(trial, at: .seconds(1), ref: "main", rollout: .stuck)
        var limited = trial
        limited.inputs["timeout"] = "60s"
        let result = try await limited.run()
        // It waits for the other one, and does not send a second request beside it.
        #expect(result.count(WorkflowHarnessResult.revise) == 1, result.story)
        #expect(result.exitCode == 75)
    }

    @Test func `a newer revision that is live when ours is verified ends the deploy at once, as superseded`()
        async throws
    {
        let trial = WorkflowHarness.deployed()
        let plain = try await WorkflowHarness.deployed().run()
        let verified = try #require(plain.plane.arrivals.last?.at)
        push(trial, at: verified - .seconds(2), rollout: ModelRollout([], ending: .deployed))
        let result = try await trial.run()
        #expect(result.exitCode == 4, result.story)
        #expect(result.duration < plain.duration + .seconds(5))
        #expect(result.seenDeployment?.activeRevisionID == foreign(result))
    }

    @Test func `what is live is told as it was read when nothing is rolled back`() async throws {
        let trial = failing()
        push(trial, at: .seconds(20), rollout: ModelRollout([], ending: .deployed))
        let result = try await trial.run()
        #expect(result.rollback?.attempted == false, result.story)
        #expect(result.seenDeployment?.activeRevisionID == foreign(result))
    }

    @Test func `a rollback by hand that a newer deploy overtakes is superseded`() async throws {
        var trial = WorkflowHarness {
            $0.addDeployment(commits: [WorkflowHarness.oldCommit, WorkflowHarness.ourCommit])
        }
        trial.workflow = BuiltinWorkflows.rollback
        trial.inputs = ["deployment": "agent"]
        push(trial, at: .milliseconds(90_400), rollout: ModelRollout([], ending: .deployed))
        let result = try await trial.run()
        #expect(result.exitCode == 4, result.story)
        #expect(result.seenDeployment?.activeRevisionID == foreign(result))
    }

    @Test func `two revisions of one repeated request are both ours`() async throws {
        let trial = WorkflowHarness.deployed {
            $0.rollouts = [.buildFailed, .buildFailed]
            $0.behavior.readLag = .seconds(40)
        }
        trial.plane.faults { $0.add(WorkflowHarnessResult.revise, .lostAfter) }
        let result = try await trial.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.rollback?.result == .success)
        #expect(result.active?.commit == WorkflowHarness.oldCommit)
    }

    @Test(arguments: [
        ("build-command", "make other"), ("install-command", "make deps"),
    ])
    func `the same commit with another command is a new revision`(input: String, value: String) async throws {
        var trial = WorkflowHarness { $0.addDeployment(commits: [WorkflowHarness.ourCommit]) }
        trial.inputs[input] = .string(value)
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.changes == [WorkflowHarnessResult.revise])
    }
}

/// The response to a change names a revision that is not ours.
@Suite struct NamedRevisionTests {
    private let ours = ImageReference("registry.example/agent@sha256:" + String(repeating: "a", count: 64))

    private func revision(_ id: String, image: String) -> Revision {
        var revision = Revision.sample(id, .deploying)
        revision.sourceRevisionConfig?.imageURI = image
        return revision
    }

    @Test func `a revision of another image is not taken for ours`() {
        let matcher = RevisionMatcher(
            .init(sha: "", repoRef: nil, configPath: nil, tarballPath: nil, image: ours), before: ["r1"])
        let theirs = revision("r3", image: "registry.example/agent@sha256:" + String(repeating: "b", count: 64))
        let known = Revision.sample("r1")
        #expect(matcher.find(in: [theirs, revision("r2", image: ours.text), known], answered: "r3") == .found("r2"))
        #expect(matcher.find(in: [theirs, known], answered: "r3") == .onlyOthers(["r3"]))
    }

    @Test func `of two whose commit is not known yet neither is taken for ours`() {
        let matcher = RevisionMatcher(
            .init(sha: "ours", repoRef: "main", configPath: "langgraph.json", tarballPath: nil), before: ["r1"])
        let (theirs, own) = (Revision.sample("r3", .queued), Revision.sample("r2", .building))
        #expect(matcher.find(in: [theirs, own, .sample("r1")], answered: "r3") == .undecided(["r3", "r2"]))
        #expect(matcher.find(in: [own, .sample("r1")], answered: "r2") == .found("r2"))
    }
}
