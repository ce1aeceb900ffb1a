import Clocks
import ControlPlaneTypes
import Engine
import Fleet
import Simulation
import Steps
import TestSupport
import Testing
import WorkflowModel

/// What several machines, or an engine, deploy together.
@Suite struct FleetShardTests {
    private static let names = (1...12).map { "t\($0)" }

    private func text(_ wave: String) -> String {
        let targets = Self.names.map { "  - {deployment: \($0)}" }.joined(separator: "\n")
        return "targets:\n\(targets)\nwaves:\n  - {name: all\(wave)}"
    }

    /// - Parameter gate: whether an engine runs them.
    private func parts(_ wave: String, shards: Int, gate: Bool = false) async throws -> [FleetRollout.Wave] {
        let trial = try FleetTrial(Self.names, text(wave))
        var parts: [FleetRollout.Wave] = []
        for index in 1...shards {
            var shard = try #require(FleetSelection.Shard(text: "\(index)/\(shards)"))
            if gate { shard.keepsLimits = true }
            let rollout = try await trial.snapshot(FleetSelection(waves: ["all"], shard: shard)).rollout
            parts += rollout.waves
        }
        return parts
    }

    @Test(arguments: [1, 2, 3, 4, 5])
    func `strict shards together fail at most max-failures and one`(shards: Int) async throws {
        let parts = try await parts(", max-parallel: 10, max-failures: 4", shards: shards)
        #expect(parts.flatMap(\.targets).map(\.name).sorted() == Self.names.sorted())
        #expect(parts.reduce(0) { $0 + $1.maxFailures.limit(of: $1.targets.count) + 1 } == 5)
        #expect(parts.reduce(0) { $0 + $1.parallel } <= 5)
        #expect(parts.allSatisfy { $0.parallel >= 1 })
    }

    @Test(arguments: [1, 2, 3, 4])
    func `other shards share max-failures and max-parallel`(shards: Int) async throws {
        let parts = try await parts(", max-parallel: 4, max-failures: 25%, strict: false", shards: shards)
        #expect(parts.reduce(0) { $0 + $1.maxFailures.limit(of: $1.targets.count) } == 3)
        #expect(parts.reduce(0) { $0 + $1.parallel } == 4)
    }

    @Test func `with more shards than targets at a time each deploys one at a time`() async throws {
        let parts = try await parts(", max-parallel: 10", shards: 3)
        #expect(parts.map(\.parallel) == [1, 1, 1])
        #expect(parts.flatMap(\.targets).count == 12)
    }

    @Test(arguments: [1, 2, 3, 5, 12, 20])
    func `on an engine the limits hold however many shards there are`(shards: Int) async throws {
        let strict = try await parts(", max-parallel: 10, max-failures: 2", shards: shards, gate: true)
        #expect(strict.flatMap(\.targets).map(\.name).sorted() == Self.names.sorted())
        #expect(strict.count == min(shards, 3))
        #expect(strict.reduce(0) { $0 + $1.maxFailures.limit(of: $1.targets.count) + 1 } == 3)
        let whole = try await parts(", max-parallel: 10, on-failure: rollback-wave", shards: shards, gate: true)
        #expect(whole.map(\.targets.count) == [12])
    }

    @Test func `a shard without targets changes nothing and lets the next wave start`() async throws {
        let trial = try FleetTrial(["a"], "targets: [{deployment: a}]")
        let shard = try #require(FleetSelection.Shard(text: "2/2"))
        var rollout = try await trial.snapshot(FleetSelection(waves: ["1"], shard: shard)).rollout
        rollout.hasGate = true
        let result = try await trial.run(.deploy(rollout))
        #expect(result.verdict == .success && result.changes.isEmpty)
        #expect(result.outcome(of: FleetWorkflow.gate) == .success)
    }
}

/// Whether the next wave may start, for engines that have one wave in each job.
@Suite struct FleetGateTests {
    private func run(
        _ wave: String, _ arrange: (inout ModelWorld) -> Void = { _ in }
    ) async throws -> (gate: Outcome?, verdict: Verdict) {
        let trial = try FleetTrial(
            ["a", "b", "c"],
            "targets: [{deployment: a}, {deployment: b}, {deployment: c}]\nwaves:\n  - {name: all, max-parallel: 1\(wave)}",
            arrange)
        var rollout = try await trial.snapshot().rollout
        rollout.hasGate = true
        let result = try await trial.run(.deploy(rollout))
        return (result.outcome(of: FleetWorkflow.gate), result.verdict)
    }

    @Test func `it opens when everything is live`() async throws {
        #expect(try await run("") == (.success, .success))
    }

    @Test func `it opens for failures within max-failures`() async throws {
        #expect(try await run(", max-failures: 1") { $0.rollouts = [.deployed, .buildFailed] } == (.success, .failed))
    }

    @Test func `it stays shut for more`() async throws {
        #expect(try await run("") { $0.rollouts = [.deployed, .buildFailed] } == (.skip, .failed))
        #expect(
            try await run(", on-failure: rollback-wave") { $0.rollouts = [.deployed, .buildFailed] } == (.skip, .failed)
        )
    }

    @Test func `with continue it opens whatever fails`() async throws {
        #expect(try await run(", on-failure: continue") { $0.rollouts = [.buildFailed] } == (.success, .failed))
    }

    @Test func `it opens after the bake, and not when something is not live any more`() async throws {
        #expect(try await run(", bake: 10m") == (.success, .success))
        let gone = try await run(", bake: 10m") { world in
            guard let id = world.deployment(named: "a")?.id else { return }
            world.at(.seconds(600)) { world, _ in world.change(id) { $0.deletedAt = .init(sinceStart: .seconds(600)) } }
        }
        #expect(gone == (.skip, .failed))
    }

    @Test func `it opens for a target that somebody else moves`() async throws {
        let moved = try await run("") { world in
            guard let id = world.deployment(named: "a")?.id else { return }
            world.remote["other"] = WorkflowHarness.otherCommit
            let instant = ModelRollout([.init(.deploying, .milliseconds(1))], ending: .deployed)
            world.at(.seconds(30)) { world, now in world.push("other", to: id, at: now, rollout: instant) }
        }
        #expect(moved == (.success, .superseded))
    }
}

/// What a command about some waves reads.
@Suite struct FleetReadingTests {
    private static let text = """
        version: 1
        name: f
        targets:
          - {deployment: canary, labels: {ring: canary}}
          - {deployment: eu, control-plane: "https://eu.example", key-env: LANGSMITH_API_KEY_EU, labels: {ring: eu}}
          - {deployment: us, control-plane: "https://us.example", key-env: LANGSMITH_API_KEY_US, labels: {ring: us}}
          - discover: {name-contains: customer-, labels: {ring: customers}}
            control-plane: "https://US.example/"
            key-env: LANGSMITH_API_KEY_US2
        waves:
          - {match: {ring: canary}}
          - {match: {ring: eu}}
          - {match: {ring: us}}
          - {name: customers, match: {ring: customers}}

        """

    private func keys(_ waves: String...) throws -> (keys: Set<String>, usesRun: Bool, targets: [String]) {
        let fleet = try #require(FleetFile(Array(Self.text.utf8), file: "t").fleet)
        let part = try fleet.reading(FleetSelection(waves: waves))
        return (part.keyVariables, part.needsConnectionOfRun, part.targets.map(\.name))
    }

    @Test func `only the control planes of its waves, with their keys`() throws {
        #expect(try keys("1") == ([], true, ["canary"]))
        #expect(try keys("wave-2") == (["LANGSMITH_API_KEY_EU"], false, ["eu"]))
        #expect(try keys("1", "2") == (["LANGSMITH_API_KEY_EU"], true, ["canary", "eu"]))
        #expect(try keys().targets == ["canary", "eu", "us"])
    }

    @Test func `with a discovery also what it could find twice`() throws {
        #expect(try keys("customers") == (["LANGSMITH_API_KEY_US", "LANGSMITH_API_KEY_US2"], false, ["us"]))
    }

    @Test func `a listed deployment of another wave stays there when it is discovered`() async throws {
        let trial = try FleetTrial(
            ["customer-1", "customer-2", "canary"],
            """
            targets:
              - {deployment: customer-1, labels: {ring: first}}
              - {deployment: canary, labels: {ring: first}}
              - discover: {name-contains: customer-, labels: {ring: rest}}
            waves:
              - {name: first, match: {ring: first}}
              - {name: rest, match: {ring: rest}}
            """)
        let rollout = try await trial.snapshot(FleetSelection(waves: ["rest"])).rollout
        #expect(rollout.targets.map(\.name) == ["customer-2"])
    }

    @Test func `an unknown wave is an error`() throws {
        #expect(throws: FleetProblem.self) { try keys("5") }
    }
}
