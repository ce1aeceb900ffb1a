import Clocks
import TestSupport
import Testing

@testable import Steps

/// What docs/polling.md claims, over 2,000 simulated rollouts: no time passes.
@Suite struct PollFrontierTests {
    private static let typical = RolloutModel().rollouts(2000, seed: 42)

    @Test func `known durations cost about 60 requests and 0.6 s`() {
        let cost = PollStatistics(of: policy { $0.pastDurations }, over: Self.typical)
        #expect(cost.requests <= 61)
        #expect(cost.meanLag <= 0.63)
        #expect(cost.p95Lag <= 1.8)
        #expect(cost.longestLag <= 10)
    }

    @Test func `unknown durations cost less than 85 requests and 1 s`() {
        let cost = PollStatistics(of: policy { _ in [] }, over: Self.typical)
        #expect(cost.requests < 85)
        #expect(cost.meanLag < 1)
        #expect(cost.longestLag <= 10)
    }

    @Test(arguments: [0.05, 0.1, 0.2])
    func `no peer is better on both counts`(runToRun: Double) {
        var model = RolloutModel()
        model.runToRun = runToRun
        let rollouts = model.rollouts(400, seed: 7)
        let known = PollStatistics(of: policy { $0.pastDurations }, over: rollouts)
        let unknown = PollStatistics(of: policy { _ in [] }, over: rollouts)
        for peer in PollPolicy.peers {
            let cost = PollStatistics(of: peer, over: rollouts)
            #expect(!cost.beats(known) && !cost.beats(unknown), "\(peer.name)")
        }
    }

    @Test(arguments: [1, 3])
    func `few past durations are better than none`(count: Int) {
        let none = PollStatistics(of: policy { _ in [] }, over: Self.typical)
        let few = PollStatistics(of: policy { Array($0.pastDurations.prefix(count)) }, over: Self.typical)
        #expect(few.beats(none))
    }

    @Test func `past durations of anyone's rollouts do no harm`() {
        var model = RolloutModel()
        model.pastIsAnyones = true
        let rollouts = model.rollouts(400, seed: 7)
        let misled = PollStatistics(of: policy { $0.pastDurations }, over: rollouts)
        let none = PollStatistics(of: policy { _ in [] }, over: rollouts)
        #expect(!none.beats(misled))
        #expect(misled.meanLag < 1)
    }

    @Test(arguments: [1.0 / 3, 3])
    func `a past that is wrong by a factor costs a few seconds at most`(factor: Double) {
        let wrong = PollStatistics(of: policy { $0.pastDurations.map { $0 * factor } }, over: Self.typical)
        #expect(wrong.requests < 85)
        #expect(wrong.meanLag < 3)
        #expect(wrong.longestLag <= 12)
    }

    @Test func `a failing build is found within seconds`() {
        let failing = Self.typical.enumerated().map { $1.failing(after: Double($0) / 2000) }
        let first = PollStatistics(of: policy { _ in [] }, over: failing)
        let later = PollStatistics(of: policy { $0.pastDurations }, over: failing)
        #expect(first.meanLag < 6 && first.longestLag <= 12)
        #expect(later.meanLag < 8 && later.longestLag <= 15)
    }

    @Test(arguments: [0.0, 0.1, 0.4, 0.7])
    func `a plane that is done at once costs less than 2 s`(end: Double) {
        let rollout = SimulatedRollout(buildEnd: 0, end: end, pastDurations: [1, 1])
        for policy in [policy { $0.pastDurations }, policy { _ in [] }] {
            #expect(PollStatistics(of: policy, over: [rollout]).longestLag < 2)
        }
    }

    private func policy(history: @escaping @Sendable (SimulatedRollout) -> [Double]) -> PollPolicy {
        PollPolicy(name: "slipway") { rollout in
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
