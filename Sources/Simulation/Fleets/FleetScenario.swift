import Clocks
import ControlPlaneTypes
package import Fleet
import TestSupport

/// A seed's file of targets, what becomes of each revision, who else acts, and when the process is killed.
package struct FleetScenario: Sendable {
    package struct Wave: Sendable {
        package var name: String
        package var targets: [String]
        package var maxFailures: FailureLimit
        package var isStrict: Bool
        package var onFailure: FleetWave.OnFailure
        package var bake: Duration
    }

    package struct FailureLimit: Sendable {
        package var text: String
        /// Of the targets of the wave.
        package var count: Int
    }

    package let seed: UInt64
    package let trial: FleetTrial
    package let waves: [Wave]
    /// Targets whose revision cannot be ours and live in the end.
    package let failing: Set<String>
    /// Targets that somebody else pushes to, or seems to.
    package let moved: Set<String>
    /// Targets that do not exist before.
    package let created: Set<String>
    let kills: [SwarmScenario.Kill]
    package let choices: [String]

    package var story: String { "seed \(seed): \(choices.joined(separator: ", "))" }

    /// Of one target.
    static let timeout: Duration = .seconds(600)

    package init(seed: UInt64) throws {
        var dice = SwarmDice(seed: seed)
        let waves = Self.waves(&dice)
        let names = waves.flatMap(\.targets)
        let created = Set(names.filter { _ in dice.number(1...12) == 1 })
        var rollouts: [String: ModelRollout] = [:]
        var (failing, wrong): (Set<String>, Set<String>) = ([], [])
        let failures = dice.number(0...40)
        for name in names where dice.number(1...100) <= failures {
            guard let choice = dice.pick(Self.failures) else { continue }
            rollouts[name] = choice
            failing.insert(name)
            if choice.commit != nil { wrong.insert(name) }
        }
        for name in names where rollouts[name] == nil && dice.number(1...8) == 1 { rollouts[name] = .quick }
        var moves: [(name: String, at: Duration)] = []
        if dice.says("others push", 0.4) {
            for name in names where !created.contains(name) && dice.number(1...6) == 1 {
                moves.append((name, .milliseconds(dice.number(0...600_000))))
            }
        }
        kills =
            dice.says("killed", 0.4)
            ? (0..<dice.number(1...3)).map { _ in
                .init(append: dice.number(3...120), moment: .after, pause: .seconds(dice.number(0...120)))
            } : []
        trial = try FleetTrial(names.filter { !created.contains($0) }, Self.file(waves)) { world in
            world.nextRollouts = rollouts
            world.remote["other"] = WorkflowHarness.otherCommit
            for move in moves {
                guard let id = world.deployment(named: move.name)?.id else { continue }
                world.at(move.at) { world, now in
                    world.push("other", to: id, at: now, rollout: .quick) { $0.isForeign = true }
                }
            }
        }
        self.seed = seed
        (self.waves, self.failing, self.created) = (waves, failing, created)
        // To a process that was killed, a wrong commit looks like a branch that somebody else moved.
        moved = Set(moves.map(\.name)).union(kills.isEmpty ? [] : wrong)
        choices = dice.said
    }

    private static let failures: [(name: String, choice: ModelRollout)] = [
        ("build fails", .buildFailed), ("deploy fails", .deployFailed), ("quick failure", .quickFailure),
        ("create fails", .createFailed), ("stuck", .stuck), ("interrupted", .interrupted),
        ("wrong commit", .deployed.with { $0.commit = WorkflowHarness.otherCommit }),
    ]

    private static func waves(_ dice: inout SwarmDice) -> [Wave] {
        let isLarge = dice.says("large", 0.1)
        return (1...dice.number(1...4)).map { number in
            let count = isLarge && number == 1 ? dice.number(20...40) : dice.number(1...6)
            let limit =
                dice.pick([
                    ("max-failures 0", FailureLimit(text: "0", count: 0)),
                    ("max-failures 1", FailureLimit(text: "1", count: 1)),
                    ("max-failures 50%", FailureLimit(text: "50%", count: count / 2)),
                    ("max-failures 100%", FailureLimit(text: "100%", count: count)),
                ]) ?? FailureLimit(text: "0", count: 0)
            let onFailure =
                dice.pick([
                    ("stop", FleetWave.OnFailure.stop), ("rollback-wave", .rollbackWave), ("continue", .continuing),
                ]) ?? .stop
            return Wave(
                name: "w\(number)", targets: (1...count).map { "w\(number)-t\($0)" }, maxFailures: limit,
                isStrict: dice.says("strict", 0.6), onFailure: onFailure,
                bake: dice.says("bake", 0.3) ? .seconds(120) : .zero)
        }
    }

    private static func file(_ waves: [Wave]) -> String {
        let targets = waves.flatMap { wave in
            wave.targets.map { "  - {deployment: \($0), labels: {wave: \(wave.name)}}" }
        }
        let rules = waves.map { wave in
            "  - {name: \(wave.name), match: {wave: \(wave.name)}, max-parallel: 50, max-failures: "
                + "\(wave.maxFailures.text), strict: \(wave.isStrict), on-failure: \(wave.onFailure.rawValue)"
                + (wave.bake > .zero ? ", bake: \(Int(wave.bake.seconds))s}" : "}")
        }
        return "defaults: {timeout: \(Int(timeout.seconds))s}\ntargets:\n\(targets.joined(separator: "\n"))\nwaves:\n"
            + rules.joined(separator: "\n")
    }
}
