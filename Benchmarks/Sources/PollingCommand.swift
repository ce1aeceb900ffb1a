import ArgumentParser
import Clocks
import Steps
import TestSupport

/// Simulates rollouts and prints what each way to poll them costs, as the tables of docs/polling.md.
struct PollingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "polling", abstract: "Requests and detection lag of poll schedules, simulated.")

    @Option(help: "How many rollouts to simulate for each row of the first table; the second has a fifth as many.")
    var rollouts = 20_000

    @Option(help: "Seed of the simulation.")
    var seed: UInt64 = 1

    func validate() throws {
        guard rollouts > 0 else { throw ValidationError("--rollouts must be at least 1") }
    }

    func run() {
        let typical = RolloutModel().rollouts(rollouts, seed: seed)
        print(PollingReport.population(typical))
        print(PollingReport.comparison(PollPolicy.peers + [.unknown, .known], over: typical))
        print(PollingReport.sensitivity(PollingScenario.all, rollouts: max(1, rollouts / 5), seed: seed))
        print(decisionTime(typical))
    }

    /// The time of one decision, with 20 past durations; the simulation around it is part of what is measured.
    private func decisionTime(_ rollouts: [SimulatedRollout]) -> String {
        let clock = SystemClock()
        let start = clock.now
        let cost = PollStatistics(of: .known, over: rollouts)
        let elapsed = start.duration(to: clock.now)
        let each = elapsed.seconds / (cost.requests * Double(rollouts.count))
        return "One decision takes \(Decimals.text(each * 1e6, places: 1)) µs."
    }
}

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

/// A world in which past durations say more, less or the wrong thing.
struct PollingScenario: Sendable {
    let name: String
    private let change: @Sendable (inout RolloutModel) -> Void
    private let distort: @Sendable (inout SimulatedRollout) -> Void

    init(
        _ name: String, change: @escaping @Sendable (inout RolloutModel) -> Void = { _ in },
        distort: @escaping @Sendable (inout SimulatedRollout) -> Void = { _ in }
    ) {
        self.name = name
        self.change = change
        self.distort = distort
    }

    func rollouts(_ count: Int, seed: UInt64) -> [SimulatedRollout] {
        var model = RolloutModel()
        change(&model)
        return model.rollouts(count, seed: seed).map { rollout in
            var rollout = rollout
            distort(&rollout)
            return rollout
        }
    }

    static let all: [PollingScenario] = [
        PollingScenario("run to run 5 %", change: { $0.runToRun = 0.05 }),
        PollingScenario("run to run 10 %"),
        PollingScenario("run to run 20 %", change: { $0.runToRun = 0.2 }),
        PollingScenario("past durations are anyone's", change: { $0.pastIsAnyones = true }),
        PollingScenario("10 %, 3 past durations", change: { $0.pastRuns = 3 }),
        PollingScenario("10 %, 1 past duration", change: { $0.pastRuns = 1 }),
        PollingScenario("10 %, deploy share between deployments twice as wide", change: { $0.shareSpread = 0.8 }),
        PollingScenario("10 %, deploy phase 15 % of the total", change: { $0.deployShare = 0.15 }),
        PollingScenario("10 %, deploy phase 45 % of the total", change: { $0.deployShare = 0.45 }),
        PollingScenario("10 %, three times as long as ever", distort: { $0.scalePast(by: 1.0 / 3) }),
        PollingScenario("10 %, a third of the time of ever", distort: { $0.scalePast(by: 3) }),
        PollingScenario(
            "10 %, image source: no build",
            change: {
                $0.deployShare = 0.95
                $0.medianTotal = 90
            }),
    ]
}

extension SimulatedRollout {
    fileprivate mutating func scalePast(by factor: Double) {
        pastDurations = pastDurations.map { $0 * factor }
    }
}

/// Our schedule as policies that the simulation can run.
extension PollPolicy {
    static let known = adaptive(name: "slipway, durations known") { $0.pastDurations }
    static let unknown = adaptive(name: "slipway, durations unknown") { _ in [] }

    private static func adaptive(
        name: String, history: @escaping @Sendable (SimulatedRollout) -> [Double]
    ) -> PollPolicy {
        PollPolicy(name: name) { rollout in
            let schedule = PollSchedule(history: DurationHistory(history(rollout).map { .seconds($0) }))
            return { look in
                guard look.number > 0 else { return 0 }
                return schedule.wait(
                    after: look.status, age: .seconds(look.age), timeInPhase: .seconds(look.timeInPhase)
                ).seconds
            }
        }
    }
}
