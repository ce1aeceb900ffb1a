import Clocks
import ControlPlane
import ControlPlaneTypes
import TestSupport
import WorkflowModel

/// A deploy under circumstances that a seed chooses: each kind of trouble is there or not, so that some seeds have
/// few and others have many.
package struct SwarmScenario: Sendable {
    package let seed: UInt64
    package let trial: WorkflowHarness
    package let timeout: Duration
    package let isNew: Bool
    package let story: String

    package init(seed: UInt64) {
        var dice = SwarmDice(seed: seed)
        let isNew = dice.says("new", 0.2)
        self.seed = seed
        self.isNew = isNew
        timeout = .seconds(dice.number(300...1800))
        let random = dice.fork()
        var trial = WorkflowHarness { world in
            if !isNew { world.addDeployment(commits: [WorkflowHarness.otherCommit, WorkflowHarness.oldCommit]) }
        }
        trial.inputs["timeout"] = .string("\(Int(timeout.seconds))s")
        trial.jitter = { random.withLock { $0.unit() } }
        Self.choosePolicies(&trial, &dice)
        Self.arrangePlane(trial, &dice)
        Self.arrangeTrouble(trial, &dice)
        if dice.says("told to stop", 0.1) { trial.interruptAt = .milliseconds(dice.number(0...200_000)) }
        self.trial = trial
        story = "seed \(seed): \(dice.said.joined(separator: ", "))"
    }

    private static func choosePolicies(_ trial: inout WorkflowHarness, _ dice: inout SwarmDice) {
        if dice.says("smoke", 0.4) { trial.inputs["smoke"] = "/ok" }
        if dice.says("follow", 0.2) { trial.inputs["on-superseded"] = "follow" }
        if dice.says("keep", 0.1) { trial.inputs["on-failure"] = "keep" }
        if dice.says("interrupt on timeout", 0.2) { trial.inputs["on-timeout"] = "interrupt" }
        if dice.says("rollback on timeout", 0.2) { trial.inputs["on-timeout"] = "rollback" }
    }

    private static func arrangePlane(_ trial: WorkflowHarness, _ dice: inout SwarmDice) {
        trial.plane.world { world in
            world.behavior.isOlder = dice.says("older", 0.2)
            world.behavior.redeploysSameRevision = dice.says("redeploys the same", 0.3)
            world.behavior.echoesKey = dice.says("echoes", 0.3)
            if dice.says("reads lag", 0.3) { world.behavior.readLag = .milliseconds(dice.number(100...8000)) }
            if dice.says("active lags", 0.3) { world.behavior.activeLag = .milliseconds(dice.number(100...40_000)) }
            if dice.says("ignores filters", 0.1) { world.behavior.ignoresNameFilter = true }
            world.rollouts = [dice.rollout(), dice.rollout()]
        }
    }

    private static func arrangeTrouble(_ trial: WorkflowHarness, _ dice: inout SwarmDice) {
        if dice.says("faults", 0.7) {
            trial.plane.faults {
                $0.chance = ModelFaults.Chance(
                    random: SplitMix64(seed: UInt64(dice.number(0...1_000_000))),
                    probability: Double(dice.number(2...40)) / 100, kinds: dice.faults(),
                    until: .seconds(dice.number(60...900)))
            }
        }
        if dice.says("outage", 0.2) {
            let start = dice.number(0...200)
            let end = start + dice.number(10...2000)
            trial.plane.faults { $0.add("*", .refused, times: nil, from: .seconds(start), until: .seconds(end)) }
        }
        trial.plane.world { world in
            for _ in 0..<dice.number(0...2) where dice.says("push", 0.4) { Self.push(into: &world, &dice) }
            if dice.says("deleted", 0.04) {
                world.at(.seconds(dice.number(0...120))) { world, now in
                    for id in world.deployments.map(\.id) { world.change(id) { $0.deletedAt = now } }
                }
            }
            if dice.says("revoked", 0.04) {
                world.at(.seconds(dice.number(0...120))) { world, _ in world.key = "another-key-altogether" }
            }
        }
    }

    private static func push(into world: inout ModelWorld, _ dice: inout SwarmDice) {
        let ref = dice.says("same branch", 0.5) ? "main" : "dev"
        let commit = dice.says("same commit", 0.3) ? WorkflowHarness.ourCommit : WorkflowHarness.otherCommit
        let rollout = dice.rollout()
        world.at(.milliseconds(dice.number(0...250_000))) { world, now in
            guard let id = world.deployment(named: "agent")?.id else { return }
            world.push(ref, to: id, at: now, rollout: rollout) {
                $0.commit = commit
                $0.isForeign = true
            }
        }
    }
}

/// Chances of a seed, with a record of what they came to.
struct SwarmDice {
    private var random: SplitMix64
    private(set) var said: [String] = []

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func says(_ what: String, _ probability: Double) -> Bool {
        let answer = random.chance(probability)
        if answer { said.append(what) }
        return answer
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    mutating func fork() -> Locked<SplitMix64> { Locked(SplitMix64(seed: random.next())) }

    /// A good one more often than not.
    mutating func rollout() -> ModelRollout {
        let bad: [(String, ModelRollout)] = [
            ("create fails", .createFailed), ("build fails", .buildFailed), ("deploy fails", .deployFailed),
            ("interrupted", .interrupted), ("stuck", .stuck), ("strange status", .unknownStatus),
            ("wrong commit", .deployed.with { $0.commit = WorkflowHarness.otherCommit }),
            ("commit unsaid", .deployed.with { $0.reportsCommit = false }),
            ("never active", .deployed.with { $0.goesLive = false }),
            ("sick", .deployed.with { $0.agentStatus = 500 }),
        ]
        guard random.chance(0.5), let (name, rollout) = bad.randomElement(using: &random) else { return .deployed }
        said.append(name)
        return rollout
    }

    mutating func faults() -> [ModelFault] {
        let all: [ModelFault] = [
            .refused, .lostBefore, .lostAfter, .timeout(processed: false), .timeout(processed: true), .status(429),
            .status(429, retryAfter: 40), .status(500), .status(503), .statusAfter(504), .truncated, .html,
        ]
        let chosen = all.filter { _ in random.chance(0.4) }
        return chosen.isEmpty ? [.status(502)] : chosen
    }
}
