import Clocks
import ControlPlane
import TestSupport

/// The chances of a seed, with a record of what was chosen.
struct SwarmDice {
    private var random: SplitMix64
    /// The choices in words, for the story of a breach and the coverage.
    private(set) var said: [String] = []

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func says(_ what: String, _ probability: Double) -> Bool {
        let answer = random.chance(probability)
        if answer { said.append(what) }
        return answer
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    mutating func fork() -> Locked<SplitMix64> { Locked(SplitMix64(seed: random.next())) }

    /// One of these, by name; nil only when there is none.
    mutating func pick<Choice>(_ choices: [(name: String, choice: Choice)]) -> Choice? {
        guard let chosen = choices.randomElement(using: &random) else { return nil }
        said.append(chosen.name)
        return chosen.choice
    }

    /// A good one more often than not.
    mutating func rollout() -> ModelRollout {
        let others: [(String, ModelRollout)] = [
            ("create fails", .createFailed), ("build fails", .buildFailed), ("deploy fails", .deployFailed),
            ("interrupted", .interrupted), ("stuck", .stuck), ("strange status", .unknownStatus),
            ("wrong commit", .deployed.with { $0.commit = WorkflowHarness.otherCommit }),
            ("commit unsaid", .deployed.with { $0.reportsCommit = false }),
            ("never active", .deployed.with { $0.goesLive = false }),
            ("sick", .deployed.with { $0.agentStatus = 500 }), ("quick", .quick), ("quick failure", .quickFailure),
            ("quick and sick", .quick.with { $0.agentStatus = 500 }), ("UNKNOWN for long", .unknown),
            ("UNKNOWN at the end", .unknownEnding),
        ]
        return random.chance(0.5) ? .deployed : pick(others) ?? .deployed
    }

    mutating func faults() -> [ModelFault] {
        let all: [(name: String, choice: ModelFault)] = [
            ("refused", .refused), ("lost before", .lostBefore), ("lost after", .lostAfter),
            ("timeout", .timeout(processed: false)), ("timeout after", .timeout(processed: true)),
            ("429", .status(429)), ("429 for 4 s", .status(429, retryAfter: 4)),
            ("429 for 40 s", .status(429, retryAfter: 40)), ("429 for 0 s", .status(429, retryAfter: 0)),
            ("500", .status(500)), ("503", .status(503)), ("503 for 0 s", .status(503, retryAfter: 0)),
            ("504 after", .statusAfter(504)), ("truncated", .truncated), ("login page", .html),
            ("404 page", .page(404)), ("407", .page(407)), ("the plane's 404", .refusal(404)),
            ("certificate", .failure(.untrustedCertificate)),
            ("handshake", .failure(.tlsHandshake)), ("proxy", .failure(.proxy)),
            ("24 s, applied first", .slow(.seconds(24), isProcessedFirst: true)),
            ("24 s, applied last", .slow(.seconds(24), isProcessedFirst: false)),
            ("lost, applied after 8 s", .lostBeforeProcessing(.seconds(8))),
        ]
        var chosen: [ModelFault] = []
        for _ in 0..<number(1...5) { chosen += [pick(all)].compactMap(\.self) }
        return chosen
    }
}
