import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import Simulation
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

/// `deploy` of an image instead of a commit.
@Suite struct ImageTests {
    private static let ours = "registry.example/agent@sha256:" + String(repeating: "a", count: 64)
    private static let theirs = "registry.example/agent@sha256:" + String(repeating: "b", count: 64)
    private static let newest = "registry.example/agent@sha256:" + String(repeating: "c", count: 64)
    private static let rollout = ModelRollout([.init(.deploying, .seconds(20))], ending: .deployed)

    private func trial(image: String = Self.ours, _ arrange: (inout ModelWorld) -> Void = { _ in }) -> WorkflowHarness {
        var trial = WorkflowHarness {
            $0.rollouts = [Self.rollout, Self.rollout]
            arrange(&$0)
        }
        trial.inputs["image"] = .string(image)
        return trial
    }

    /// A deployment that serves `theirs`.
    private func deployed(image: String = Self.ours, live: String = Self.theirs) -> WorkflowHarness {
        trial(image: image) { world in
            let id = world.addDeployment(source: .externalDocker, commits: [])
            world.push(nil, to: id, at: .init(sinceStart: .seconds(-100)), rollout: Self.rollout) {
                $0.image = live
                $0.configPath = nil
            }
        }
    }

    @Test func `a new deployment gets the image, no type and no configuration`() async throws {
        let result = try await trial { $0.listeners = [("l-1", "cluster", ["agents"])] }.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.changes == [WorkflowHarnessResult.create])
        #expect(result.active?.image == Self.ours)
        #expect(result.deployment?.listenerID == "l-1")
        #expect(result.deployment?.namespace == "agents")
        #expect(result.timeline.contains("DEPLOYED"))
        #expect(!result.timeline.contains("BUILDING"))
    }

    @Test func `a plane without listeners is asked for none`() async throws {
        let result = try await trial().run()
        #expect(result.verdict == .success, result.story)
        #expect(try result.body(of: WorkflowHarnessResult.create)?["source_config"] == ["resource_spec": [:]])
    }

    @Test(arguments: ["build-command", "install-command"])
    func `a command for the build of an image is a mistake`(name: String) async throws {
        var trial = trial()
        trial.inputs[name] = "make"
        let result = try await trial.run()
        #expect(result.exitCode == 64, result.story)
        #expect(result.failure?.code == "NothingIsBuilt")
        #expect(result.changes.isEmpty)
    }

    @Test func `several listeners are not guessed between`() async throws {
        let result = try await trial { $0.listeners = [("l-1", "a", ["n"]), ("l-2", "b", ["m"])] }.run()
        #expect(result.exitCode == 78, result.story)
        #expect(result.failure?.code == "ListenerAmbiguous")
        #expect(result.changes.isEmpty)
    }

    @Test func `an existing deployment gets a revision of the image, and the commit is not claimed`() async throws {
        let result = try await deployed().run()
        #expect(result.verdict == .success, result.story)
        #expect(result.changes == [WorkflowHarnessResult.revise])
        #expect(
            try result.body(of: WorkflowHarnessResult.revise) == [
                "source_revision_config": ["image_uri": .string(Self.ours)]
            ])
        #expect(result.output("commit-sha", of: "create") == .null)
        #expect(result.output("image-uri", of: "wait")?.text == Self.ours)
        #expect(result.active?.image == Self.ours)
    }

    @Test func `an image that is live by its digest is left alone, one by a tag is deployed again`() async throws {
        let same = try await deployed(live: Self.ours).run()
        #expect(same.verdict == .success, same.story)
        #expect(same.changes.isEmpty)
        var tagged = deployed(image: "registry.example/agent:1", live: "registry.example/agent:1")
        tagged.inputs["allow-mutable-image"] = true
        let again = try await tagged.run()
        #expect(again.verdict == .success, again.story)
        #expect(again.changes == [WorkflowHarnessResult.revise])
        #expect(again.warnings.contains { $0.contains("named by a tag") })
    }

    @Test(arguments: [("registry.example/agent:1", "MutableImage"), ("https://registry.example/agent", "InvalidImage")])
    func `an image that cannot be told later is refused before any request`(image: String, code: String) async throws {
        let result = try await trial(image: image).run()
        #expect(result.exitCode == 64, result.story)
        #expect(result.failure?.code == code)
        #expect(result.requests.isEmpty)
    }

    @Test func `a plane that runs another image than ours is found out`() async throws {
        let trial = deployed()
        trial.plane.world { world in
            world.at(.milliseconds(500)) { world, _ in
                guard let id = world.deployments.first?.id else { return }
                world.change(id) { deployment in
                    deployment.editRevisions { if $0.image == Self.ours { $0.image = Self.theirs } }
                }
            }
        }
        let result = try await trial.run()
        #expect(result.exitCode == 5, result.story)
        #expect(result.failure?.code == "ImageMismatch")
    }

    @Test func `a plane that does not say which image it runs proves nothing`() async throws {
        let trial = deployed()
        trial.plane.world { $0.behavior.reportsImage = false }
        let result = try await trial.run()
        #expect(result.exitCode == 5, result.story)
        #expect(result.failure?.code == "ImageUnknown")
    }

    @Test func `row 9: a lost answer is found by the image`() async throws {
        let trial = deployed()
        trial.plane.faults { $0.add(WorkflowHarnessResult.revise, .lostAfter) }
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.changes == [WorkflowHarnessResult.revise])
    }

    /// Somebody else's image, which goes live so long after it was pushed.
    private func push(_ trial: WorkflowHarness, at time: Duration, taking duration: Duration) {
        trial.plane.world { world in
            world.at(time) { world, now in
                guard let id = world.deployments.first?.id else { return }
                let rollout = ModelRollout([.init(.deploying, duration)], ending: .deployed)
                world.push(nil, to: id, at: now, rollout: rollout) {
                    $0.image = Self.newest
                    $0.configPath = nil
                    $0.isForeign = true
                }
            }
        }
    }

    @Test(arguments: [true, false])
    func `row 23: resumed, an image does not replace what went live since it was planned`(isForced: Bool) async throws {
        var trial = deployed()
        trial.inputs["force"] = .bool(isForced)
        trial.interruptAtStep = "create"
        let stopped = try await trial.run()
        #expect(stopped.changes.isEmpty, stopped.story)
        trial.interruptAtStep = nil
        push(trial, at: .seconds(2), taking: .seconds(1))
        trial.clock.advance(by: .seconds(10))
        let result = try await trial.run(resuming: stopped)
        #expect(result.exitCode == (isForced ? 0 : 4), result.story)
        #expect(result.active?.image == (isForced ? Self.ours : Self.newest))
        #expect(result.seenDeployment?.activeRevisionID == result.active?.id.rawValue)
        #expect(result.changes.isEmpty == !isForced)
    }

    @Test(arguments: [(false, false), (true, false), (false, true)])
    func `row 23: run again after a failure, an image does not replace what went live since`(
        isForced: Bool, isRolledBack: Bool
    ) async throws {
        var trial = deployed()
        trial.plane.world { $0.rollouts = [.deployed.with { $0.agentStatus = 500 }] }
        trial.inputs["force"] = .bool(isForced)
        trial.inputs["smoke"] = "/ok"
        trial.inputs["on-failure"] = isRolledBack ? "rollback" : "keep"
        let failed = try await trial.run()
        #expect(failed.failure?.code == "SmokeTestFailed", failed.story)
        let changes = failed.changes
        push(trial, at: trial.clock.now.sinceStart + .seconds(1), taking: .seconds(1))
        trial.clock.advance(by: .seconds(10))
        trial.repeatsFailed = true
        let result = try await trial.run(resuming: failed)
        #expect(result.exitCode == (isForced ? 0 : 4), result.story)
        #expect(result.active?.image == (isForced ? Self.ours : Self.newest))
        #expect(result.seenDeployment?.activeRevisionID == result.active?.id.rawValue)
        #expect((result.changes == changes) == !isForced)
    }

    @Test func `row 23: run again after a failure, an image is deployed over what the run made`() async throws {
        var trial = deployed()
        trial.plane.world { $0.rollouts = [.deployed.with { $0.agentStatus = 500 }] }
        trial.inputs["smoke"] = "/ok"
        let failed = try await trial.run()
        #expect(failed.rollback?.result == .success, failed.story)
        trial.repeatsFailed = true
        let result = try await trial.run(resuming: failed)
        #expect(result.verdict == .success, result.story)
        #expect(result.active?.image == Self.ours)
    }

    @Test func `row 23: killed after preflight, an image does not replace what went live since`() async throws {
        let trial = deployed()
        trial.plane.faults { $0.add(WorkflowHarnessResult.revise, .refusal(422)) }
        let whole = try await trial.run()
        let end = try #require(
            whole.events.firstIndex { ($0.payload as? StepFinished)?.step == "preflight" }, whole.story)
        let killed = WorkflowHarnessResult(
            verdict: whole.verdict, events: Array(whole.events[...end]), plane: whole.plane, duration: whole.duration)
        push(trial, at: trial.clock.now.sinceStart + .seconds(1), taking: .seconds(1))
        trial.clock.advance(by: .seconds(10))
        let result = try await trial.run(resuming: killed)
        #expect(result.exitCode == 4, result.story)
        #expect(result.active?.image == Self.newest)
    }

    @Test func `row 23: resumed after a lost request, an image does not replace what went live since`() async throws {
        var trial = deployed()
        trial.interruptOn = WorkflowHarnessResult.revise
        trial.plane.faults { $0.add(WorkflowHarnessResult.revise, .lostBefore) }
        let stopped = try await trial.run()
        trial.interruptOn = nil
        push(trial, at: .seconds(5), taking: .seconds(1))
        trial.clock.advance(by: .seconds(10))
        let result = try await trial.run(resuming: stopped)
        #expect(result.exitCode == 4, result.story)
        #expect(result.active?.image == Self.newest)
        #expect(result.seenDeployment?.activeRevisionID == result.active?.id.rawValue)
        #expect(result.count(WorkflowHarnessResult.revise) == 1)
    }

    @Test(arguments: [Duration.milliseconds(-1000), .milliseconds(70), .seconds(2)])
    func `row 23: an image is deployed after another one that it had to wait for`(pushed: Duration) async throws {
        var trial = deployed()
        // Held back for a while, so that what is pushed then is seen in progress.
        trial.plane.faults { $0.add(WorkflowHarnessResult.revise, .status(429, retryAfter: 10)) }
        push(trial, at: pushed, taking: .seconds(60))
        trial.inputs["timeout"] = "10m"
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.active?.image == Self.ours)
        #expect(result.deployment?.revisions.contains { $0.image == Self.newest } == true)
    }

    @Test func `an image that fails is rolled back to the one before`() async throws {
        let trial = deployed()
        trial.plane.world { $0.rollouts = [ModelRollout([.init(.deploying, .seconds(5))], ending: .deployFailed)] }
        let result = try await trial.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.active?.image == Self.theirs)
        #expect(result.rollback?.result == .success)
    }

    @Test(arguments: [true, false])
    func `row 28: a redeploy that runs another image is named, and is not the target`(isByHand: Bool) async throws {
        var trial = deployed()
        let failed = ModelRollout([.init(.deploying, .seconds(5))], ending: .deployFailed)
        let wrong = Self.rollout.with { $0.image = Self.newest }
        trial.plane.world { $0.rollouts = isByHand ? [Self.rollout, wrong] : [failed, wrong] }
        var result = try await trial.run()
        if isByHand {
            trial.workflow = BuiltinWorkflows.rollback
            trial.inputs = ["deployment": "agent"]
            result = try await trial.run()
        }
        #expect(result.exitCode == (isByHand ? 5 : 3), result.story)
        let made = try #require(result.deployment?.revisions.last)
        #expect(result.rollback?.revisionID == made.id.rawValue && result.rollback?.result == .failure)
        let said = "revision \(made.id) runs image \(Self.newest), not \(Self.theirs)"
        let failures = result.events.compactMap { ($0.payload as? StepFinished)?.failure }
        #expect(failures.contains { $0.code == "ImageMismatch" && $0.message.contains(said) }, result.story)
    }

    @Test func `an old image that was deployed again is rolled back to the one that was live before`() async throws {
        var trial = deployed(live: Self.ours)
        for (number, image) in [Self.theirs, Self.newest].enumerated() {
            trial.plane.world { world in
                guard let id = world.deployments.first?.id else { return }
                world.push(
                    nil, to: id, at: .init(sinceStart: .seconds(-70 + 30 * number)), rollout: Self.rollout
                ) {
                    $0.image = image
                    $0.configPath = nil
                }
            }
        }
        let deployed = try await trial.run()
        #expect(deployed.active?.image == Self.ours, deployed.story)
        #expect(deployed.changes == [WorkflowHarnessResult.revise])
        trial.workflow = BuiltinWorkflows.rollback
        trial.inputs = ["deployment": "agent"]
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.active?.image == Self.newest)
    }

    @Test func `an image goes to no deployment that is built from commits`() async throws {
        var trial = WorkflowHarness.deployed()
        trial.inputs["image"] = .string(Self.ours)
        let result = try await trial.run()
        #expect(result.exitCode == 64, result.story)
        #expect(result.failure?.code == "SourceMismatch")
        #expect(result.changes.isEmpty)
    }

    @Test func `row 49: outside of a repository an image can be deployed all the same`() async throws {
        let folder = try TemporaryFolder()
        var trial = deployed()
        trial.repository = folder.path
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.notes.contains { $0.hasPrefix("no commit recorded") })
    }

    @Test func `inside of one the commit is recorded, whatever the work tree looks like`() async throws {
        let repository = try await AgentRepository()
        try repository.clone.write("agent.py", "changed\n")
        var trial = deployed()
        trial.repository = repository.clone.path
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.output("sha", of: "commit")?.text == repository.head)
        #expect(result.output("commit-sha", of: "preflight") == .null)
    }
}
