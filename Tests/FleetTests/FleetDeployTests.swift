import Clocks
import ControlPlaneTypes
import Engine
import Fleet
import Foundation
import Simulation
import Steps
import TestSupport
import Testing
import WorkflowModel

@Suite struct FleetDeployTests {
    private static let waves = """
        targets:
          - {deployment: canary, labels: {ring: canary}}
          - {deployment: a, labels: {ring: all}}
          - {deployment: b, labels: {ring: all}}
          - {deployment: c, labels: {ring: all}}
        waves:
          - {name: first, match: {ring: canary}}
          - {name: rest, match: {ring: all}}
        """
    private static let names = ["canary", "a", "b", "c"]

    private func text(first: String = "", rest: String = "") -> String {
        Self.waves.replacing("{ring: canary}}\n  - {name: rest", with: "{ring: canary}\(first)}\n  - {name: rest")
            .replacing("match: {ring: all}}", with: "match: {ring: all}\(rest)}")
    }

    @Test func `all targets get the commit, the canary first`() async throws {
        let result = try await FleetTrial(Self.names, text(rest: ", max-failures: 2")).deploy()
        #expect(result.verdict == .success)
        #expect(Self.names.allSatisfy(result.isOurs))
        #expect(result.changes.first?.name == "canary")
        // The canary was live before anything else changed.
        let next = try #require(result.changes.first { $0.name != "canary" })
        #expect(next.at >= .seconds(90))
    }

    @Test func `a failing canary: nothing else is changed`() async throws {
        let result = try await FleetTrial(Self.names, text()) { $0.rollouts = [.buildFailed] }.deploy()
        #expect(result.verdict == .failed)
        #expect(Set(result.changes.map(\.name)) == ["canary"])
        #expect(Self.names.allSatisfy(result.isOld))
        #expect(result.outcome(of: "rest (a)") == .skip)
    }

    @Test func `failures within max-failures do not stop the wave, but are the verdict`() async throws {
        let result = try await FleetTrial(Self.names, text(rest: ", max-parallel: 1, max-failures: 1")) {
            $0.rollouts = [.deployed, .buildFailed]
        }.deploy()
        #expect(result.verdict == .failed)
        #expect(result.isOld("a") && result.isOurs("b") && result.isOurs("c"))
    }

    @Test func `whatever fails, at most max-failures and one more do`() async throws {
        let result = try await FleetTrial(Self.names, text(rest: ", max-parallel: 3, max-failures: 1")) {
            $0.rollouts = [.deployed, .deployFailed, .deployFailed]
        }.deploy()
        #expect(result.verdict == .failed)
        #expect(Set(result.changes.map(\.name)) == ["canary", "a", "b"])
    }

    @Test func `with continue the next wave starts`() async throws {
        let result = try await FleetTrial(Self.names, text(first: ", on-failure: continue")) {
            $0.rollouts = [.buildFailed]
        }.deploy()
        #expect(result.verdict == .failed)
        #expect(result.isOld("canary") && ["a", "b", "c"].allSatisfy(result.isOurs))
    }

    @Test func `rollback-wave brings back what the wave changed, and only that`() async throws {
        let result = try await FleetTrial(
            Self.names, text(rest: ", max-parallel: 1, on-failure: rollback-wave")
        ) { $0.rollouts = [.deployed, .deployed, .deployFailed] }.deploy()
        #expect(result.verdict == .failed)
        #expect(result.isOurs("canary"))
        #expect(["a", "b", "c"].allSatisfy(result.isOld))
        #expect(!result.changes.contains { $0.name == "c" })
        #expect(result.outcome(of: "rest-rollback (a)") == .success)
    }

    @Test func `a target that somebody else moves ends superseded and does not block`() async throws {
        let trial = try FleetTrial(Self.names, text()) { world in
            guard let id = world.deployment(named: "canary")?.id else { return }
            world.remote["other"] = WorkflowHarness.otherCommit
            // It waits for ours to be live, and replaces it at once.
            let instant = ModelRollout([.init(.deploying, .milliseconds(1))], ending: .deployed)
            world.at(.seconds(30)) { world, now in world.push("other", to: id, at: now, rollout: instant) }
        }
        let result = try await trial.deploy()
        #expect(result.verdict == .superseded)
        #expect(result.live["canary"] == WorkflowHarness.otherCommit)
        #expect(["a", "b", "c"].allSatisfy(result.isOurs))
    }

    @Test func `a deployment that vanishes before its wave is an error of its row, and not created again`() async throws
    {
        let trial = try FleetTrial(Self.names, text(rest: ", max-failures: 1")) { world in
            guard let id = world.deployment(named: "b")?.id else { return }
            world.at(.seconds(30)) { world, _ in world.change(id) { $0.deletedAt = .init(sinceStart: .seconds(30)) } }
        }
        let result = try await trial.deploy()
        #expect(result.verdict != .success)
        #expect(["canary", "a", "c"].allSatisfy(result.isOurs))
        #expect(result.result.count(WorkflowHarnessResult.create) == 0)
    }

    @Test func `a target that does not exist is created`() async throws {
        let result = try await FleetTrial([], "targets: [{deployment: new, source: github}]").deploy()
        #expect(result.verdict == .success)
        #expect(result.isOurs("new"))
    }

    @Test func `killed and resumed: one revision a target`() async throws {
        for count in 0..<3 {
            var trial = try FleetTrial(Self.names, text(rest: ", max-failures: 2"))
            trial.harness.interruptOn = WorkflowHarnessResult.revise
            trial.harness.interruptAfter = count
            let rollout = try await trial.snapshot().rollout
            let stopped = try await trial.run(.deploy(rollout))
            #expect(stopped.verdict == .interrupted)
            let result = try await trial.run(.deploy(rollout), resuming: stopped)
            #expect(result.verdict == .success)
            #expect(Self.names.allSatisfy(result.isOurs))
            #expect(result.revisions.values.allSatisfy { $0 == 2 }, "\(count): \(result.revisions)")
        }
    }

    @Test func `only the selected targets are changed`() async throws {
        let trial = try FleetTrial(Self.names, text())
        let result = try await trial.deploy(FleetSelection(targets: ["b"]))
        #expect(Set(result.changes.map(\.name)) == ["b"])
        let shard = try #require(FleetSelection.Shard(text: "2/2"))
        let second = try await FleetTrial(Self.names, text()).deploy(FleetSelection(waves: ["2"], shard: shard))
        #expect(Set(second.changes.map(\.name)) == ["b"])
    }
}

@Suite struct FleetRepeatTests {
    private static let names = ["a", "b", "c"]
    private static let text = """
        targets: [{deployment: a}, {deployment: b}, {deployment: c}]
        waves:
          - {max-parallel: 3, strict: false, on-failure: rollback-wave}
        """

    @Test func `what failed runs again, with what the wave's rollback undid`() async throws {
        var trial = try FleetTrial(Self.names, Self.text) { $0.nextRollouts = ["a": .deployFailed] }
        let first = try await trial.deploy()
        #expect(first.verdict == .failed && Self.names.allSatisfy(first.isOld))
        trial.harness.repeatsFailed = true
        let second = try await trial.run(first.fleet, resuming: first)
        #expect(second.verdict == .success)
        #expect(Self.names.allSatisfy(second.isOurs))
    }

    @Test func `a failure is the verdict, though another target was superseded before it`() async throws {
        let trial = try FleetTrial(Self.names, Self.text.replacing(", on-failure: rollback-wave", with: "")) { world in
            world.nextRollouts = ["a": .quick, "b": .deployFailed]
            guard let id = world.deployment(named: "a")?.id else { return }
            let quick = ModelRollout([.init(.deploying, .milliseconds(1))], ending: .deployed)
            world.at(.milliseconds(600)) { world, now in
                world.remote["other"] = WorkflowHarness.otherCommit
                world.push("other", to: id, at: now, rollout: quick)
            }
        }
        let result = try await trial.deploy()
        #expect(result.live["a"] == WorkflowHarness.otherCommit)
        #expect(result.verdict == .failed)
    }
}

@Suite struct FleetBakeTests {
    static let text = """
        targets:
          - {deployment: canary, labels: {ring: canary}}
          - {deployment: a, labels: {ring: all}}
        waves:
          - {name: first, match: {ring: canary}, bake: 10m}
          - {name: rest, match: {ring: all}}
        """

    @Test func `the next wave starts after the bake`() async throws {
        let result = try await FleetTrial(["canary", "a"], Self.text).deploy()
        #expect(result.verdict == .success)
        let changes = result.changes
        #expect(changes.count == 2)
        #expect(try #require(changes.last).at - (try #require(changes.first)).at >= .seconds(690))
    }

    @Test func `what is not live after the bake stops the fleet`() async throws {
        let trial = try FleetTrial(["canary", "a"], Self.text) { world in
            guard let id = world.deployment(named: "canary")?.id else { return }
            world.at(.seconds(300)) { world, _ in world.change(id) { $0.deletedAt = .init(sinceStart: .seconds(300)) } }
        }
        let result = try await trial.deploy()
        #expect(result.verdict == .failed)
        #expect(result.isOld("a"))
        #expect(result.outcome(of: "first-bake (10m)") == .failure)
    }

    @Test func `a target that falls back in the bake stops the fleet`() async throws {
        let trial = try FleetTrial(["canary", "a"], Self.text) { world in
            guard let id = world.deployment(named: "canary")?.id else { return }
            world.at(.seconds(300)) { world, now in world.change(id) { $0.fallBack(at: now) } }
        }
        let result = try await trial.deploy()
        #expect(result.verdict == .failed)
        #expect(result.isOld("a"))
        #expect(result.outcome(of: "first-bake (10m)") == .failure)
    }

    @Test func `a target that somebody else moves in the bake does not block`() async throws {
        let trial = try FleetTrial(["canary", "a"], Self.text) { world in
            guard let id = world.deployment(named: "canary")?.id else { return }
            world.remote["other"] = WorkflowHarness.otherCommit
            world.at(.seconds(300)) { world, now in world.push("other", to: id, at: now) }
        }
        let result = try await trial.deploy()
        #expect(result.verdict == .superseded)
        #expect(result.isOurs("a"))
    }
}

@Suite struct FleetReadTests {
    @Test func `deployments are discovered, and a listed one keeps its own settings`() async throws {
        let trial = try FleetTrial(
            ["customer-b", "customer-a", "other"],
            """
            targets:
              - {deployment: customer-b, timeout: 5m, labels: {ring: first}}
              - {discover: {name-contains: customer-, labels: {ring: rest}}}
            waves: [{match: {ring: first}}, {match: {ring: rest}}]
            """)
        let rollout = try await trial.snapshot().rollout
        #expect(rollout.waves.map { $0.targets.map(\.name) } == [["customer-b"], ["customer-a"]])
        #expect(rollout.waves[0].targets[0].inputs == ["timeout": "5m"])
    }

    @Test func `one deployment under its name and its id is an error`() async throws {
        let harness = WorkflowHarness { $0.addDeployment(named: "a", commits: [WorkflowHarness.oldCommit]) }
        let id = try #require(harness.plane.world { $0.deployment(named: "a")?.id })
        let trial = try FleetTrial(
            ["a"], "targets: [{deployment: a}, {deployment-id: \(id), name: other}]\nwaves: [{}]")
        await #expect {
            _ = try await trial.snapshot()
        } throws: { error in
            (error as? StepFailure)?.message == "targets 'a' and 'other' are one deployment: \(id)"
        }
    }

    @Test func `an id that no deployment has, and a wave without discovered targets, are errors`() async throws {
        let missing = try FleetTrial([], "targets: [{deployment-id: 0a1b2c3d-0000-4000-8000-000000000001, name: x}]")
        await #expect {
            _ = try await missing.snapshot()
        } throws: { error in
            (error as? StepFailure)?.message
                == "target 'x': deployment not found: 0a1b2c3d-0000-4000-8000-000000000001"
        }
        let empty = try FleetTrial([], "targets: [{discover: {name-contains: x}}]\nwaves: [{name: all}]")
        await #expect {
            _ = try await empty.snapshot()
        } throws: { error in
            (error as? StepFailure)?.message == "wave 'all' matches no target"
        }
    }

    @Test func `the status of many targets costs a request for each hundred`() async throws {
        let names = (0..<250).map { "customer-\($0)" }
        let trial = try FleetTrial(names, "targets: [{discover: {name-contains: customer-}}]") { world in
            guard let id = world.deployment(named: "customer-7")?.id else { return }
            _ = world.push("main", to: id, at: .init(sinceStart: .seconds(-600)), rollout: .quick)
        }
        let status = try await trial.status()
        #expect(status.rows.count == 250)
        #expect(status.rows.filter { $0.state == .current }.map(\.target.name) == ["customer-7"])
        #expect(status.rows.count { $0.state == .behind } == 249)
        #expect(trial.harness.plane.arrivals.count == 3)
    }
}

@Suite struct FleetReversalTests {
    @Test func `a part of a stored run is selected as it is for a deploy`() async throws {
        let trial = try FleetTrial(["a", "b", "c"], "targets: [{deployment: a}, {deployment: b}, {deployment: c}]")
        let rollout = try await trial.snapshot().rollout
        let part = try rollout.selecting(FleetSelection(targets: ["a", "c"], waves: ["1"]))
        #expect(part.targets.map(\.name) == ["a", "c"])
        #expect(try rollout.selecting(FleetSelection(shard: .init(text: "2/2"))).targets.map(\.name) == ["b"])
        for unknown in [FleetSelection(targets: ["a", "typo"]), FleetSelection(waves: ["2"])] {
            #expect(throws: FleetProblem.self) { try rollout.selecting(unknown) }
        }
    }

    @Test func `a wave is brought back, and what somebody else has deployed since is left`() async throws {
        let trial = try FleetTrial(
            ["a", "b"], "targets: [{deployment: a}, {deployment: b}]\nwaves: [{max-failures: 1}]")
        let deployed = try await trial.deploy()
        #expect(deployed.isOurs("a") && deployed.isOurs("b"))
        trial.harness.plane.world { world in
            world.remote["other"] = WorkflowHarness.otherCommit
            if let id = world.deployment(named: "b")?.id {
                world.push("other", to: id, at: deployed.result.plane.now, rollout: .quick)
            }
        }
        let targets = try ["a", "b"].map { name in
            let deployment = try #require(deployed.result.plane.world { $0.deployment(named: name) })
            return FleetReversal.Target(
                name: name, connection: FleetConnection(), deploymentID: deployment.id.rawValue,
                revisionID: deployment.revisions[1].id.rawValue,
                previousRevisionID: deployment.revisions[0].id.rawValue)
        }
        let result = try await trial.run(
            .rollback(
                FleetReversal(
                    name: "support", file: nil, run: "run", reason: "bad prompt",
                    waves: [.init(name: "wave-1", maxParallel: 5, targets: targets)])))
        #expect(result.isOld("a"))
        #expect(result.live["b"] == WorkflowHarness.otherCommit)
        #expect(result.verdict == .busy)
        #expect(result.outcome(of: "wave-1-rollback (a)") == .success)
        let failures = result.result.events.compactMap { ($0.payload as? StepFinished)?.failure }
        #expect(failures.map(\.code) == ["DeployUnderWay"])
    }
}

@Suite struct FleetStepTests {
    @Test func `a step deploys a fleet, and a resumed run has the same targets`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/targets.yml"
        try Data("version: 1\nname: support\ntargets: [{discover: {name-contains: agent-}}]\n".utf8)
            .write(to: URL(filePath: path))
        var harness = WorkflowHarness { world in
            for name in ["agent-a", "agent-b"] {
                world.addDeployment(named: name, commits: [WorkflowHarness.oldCommit])
            }
        }
        let step = StepDefinition(
            id: "fleet", name: "Fleet", uses: "fleet", with: ["file": .literal(.string(path))])
        harness.workflow = { Workflow(name: "release", jobs: [Job(id: "release", steps: [step])]) }
        harness.inputs = [:]
        harness.interruptOn = WorkflowHarnessResult.revise
        harness.interruptAfter = 1
        let stopped = try await harness.run()
        #expect(stopped.verdict == .interrupted)
        harness.plane.world { $0.addDeployment(named: "agent-c", commits: [WorkflowHarness.oldCommit]) }
        harness.interruptOn = nil
        let result = try await harness.run(resuming: stopped)
        #expect(result.verdict == .success)
        let now = result.plane.now
        let live = result.plane.world { world in
            world.deployments.map { $0.active(at: now).flatMap($0.revision)?.commit }
        }
        #expect(live == [WorkflowHarness.ourCommit, WorkflowHarness.ourCommit, WorkflowHarness.oldCommit])
    }
}
