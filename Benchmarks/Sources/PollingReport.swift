import TestSupport

/// Markdown of the simulated costs; lags in seconds.
enum PollingReport {
    static func population(_ rollouts: [SimulatedRollout]) -> String {
        let totals = rollouts.map(\.end).sorted()
        let mean = totals.reduce(0, +) / Double(totals.count)
        let deploy = rollouts.reduce(0) { $0 + $1.end - $1.buildEnd } / Double(totals.count)
        let median = totals.dropFirst(totals.count / 2).first ?? 0
        let p95 = totals.dropFirst(totals.count * 95 / 100).first ?? 0
        return """
            \(totals.count) rollouts: median \(text(median, 0)) s, p95 \(text(p95, 0)) s, \
            mean \(text(mean, 0)) s of which the deploy phase \(text(deploy, 0)) s.

            """
    }

    static func comparison(_ policies: [PollPolicy], over rollouts: [SimulatedRollout]) -> String {
        let failing = rollouts.enumerated().map { index, rollout in
            rollout.failing(after: Double(index * 7919 % rollouts.count) / Double(rollouts.count))
        }
        let rows = policies.map { policy in
            let cost = PollStatistics(of: policy, over: rollouts)
            let failure = PollStatistics(of: policy, over: failing)
            return "| \(policy.name) | \(text(cost.requests, 1)) | \(lag(cost)) | \(lag(failure)) |"
        }
        let header = ["| policy | requests | lag mean / p95 | build failure mean / p95 |", "|---|---|---|---|"]
        return (header + rows + [""]).joined(separator: "\n")
    }

    static func sensitivity(_ scenarios: [PollingScenario], rollouts: Int, seed: UInt64) -> String {
        let rows = scenarios.map { scenario in
            let population = scenario.rollouts(rollouts, seed: seed)
            let known = PollStatistics(of: .known, over: population)
            let unknown = PollStatistics(of: .unknown, over: population)
            let beaten = PollPolicy.peers
                .map { PollStatistics(of: $0, over: population) }
                .contains { $0.beats(known) || $0.beats(unknown) }
            return """
                | \(scenario.name) | \(text(known.requests, 1)) | \(lag(known)) / \(text(known.longestLag, 1)) \
                | \(text(unknown.requests, 1)) | \(lag(unknown)) / \(text(unknown.longestLag, 1)) \
                | \(beaten ? "yes" : "no") |
                """
        }
        let header = [
            "| world | known: requests | lag mean / p95 / max | unknown: requests | lag mean / p95 / max "
                + "| a peer beats either on both |",
            "|---|---|---|---|---|---|",
        ]
        return (header + rows + [""]).joined(separator: "\n")
    }

    private static func lag(_ cost: PollStatistics) -> String {
        "\(text(cost.meanLag, 2)) / \(text(cost.p95Lag, 2))"
    }

    private static func text(_ number: Double, _ places: Int) -> String {
        Decimals.text(number, places: places)
    }
}
