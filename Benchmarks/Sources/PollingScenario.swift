import TestSupport

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
