import ArgumentParser
import Clocks
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
