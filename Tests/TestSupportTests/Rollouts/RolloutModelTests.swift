import TestSupport
import Testing

@Suite struct RolloutModelTests {
    private static let rollouts = RolloutModel().rollouts(1000, seed: 3)

    @Test func `totals have a median of 5 min and a p95 of 14 min`() {
        let totals = Self.rollouts.map(\.end).sorted()
        #expect(abs(totals[500] / 300 - 1) < 0.02)
        #expect(abs(totals[950] / 840 - 1) < 0.05)
    }

    @Test func `a seed gives the same rollouts again`() {
        #expect(RolloutModel().rollouts(10, seed: 3).map(\.end) == RolloutModel().rollouts(10, seed: 3).map(\.end))
        #expect(RolloutModel().rollouts(10, seed: 3).map(\.end) != RolloutModel().rollouts(10, seed: 4).map(\.end))
    }

    @Test func `past durations are near the rollout's own unless they are anyone's`() {
        func meanRatio(_ rollouts: [SimulatedRollout]) -> Double {
            let ratios = rollouts.compactMap { rollout in
                rollout.pastDurations.first.map { max($0 / rollout.end, rollout.end / $0) }
            }
            return ratios.reduce(0, +) / Double(ratios.count)
        }
        var anyones = RolloutModel()
        anyones.pastIsAnyones = true
        #expect(meanRatio(Self.rollouts) < 1.15)
        #expect(meanRatio(anyones.rollouts(1000, seed: 3)) > 1.8)
    }
}
