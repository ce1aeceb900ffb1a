import ControlPlane
import ControlPlaneTypes
import TestSupport

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
