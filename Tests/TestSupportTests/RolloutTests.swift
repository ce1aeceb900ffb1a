import ControlPlaneTypes
import TestSupport
import Testing

@Suite struct SimulatedRolloutTests {
    @Test(
        arguments: [
            (0.0, RevisionStatus.queued), (50, .building), (100, .awaitingDeploy), (120, .deploying), (149, .deploying),
            (150, .deployed), (1000, .deployed),
        ])
    func `a rollout goes through its phases`(age: Double, status: RevisionStatus) {
        #expect(SimulatedRollout(buildEnd: 100, end: 150).status(at: age) == status)
    }

    @Test(arguments: [(24.0, RevisionStatus.building), (25, .buildFailed)])
    func `a failing one ends in its build`(age: Double, status: RevisionStatus) {
        #expect(SimulatedRollout(buildEnd: 100, end: 150).failing(after: 0.25).status(at: age) == status)
    }
}

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

@Suite struct PollStatisticsTests {
    private static let rollouts = RolloutModel().rollouts(1000, seed: 3)

    @Test func `requests and lag are counted up to the look that sees the end`() {
        let policy = PollPolicy(name: "10 s") { _ in { _ in 10 } }
        let cost = PollStatistics(
            of: policy, over: [SimulatedRollout(buildEnd: 5, end: 12), SimulatedRollout(buildEnd: 5, end: 30)])
        #expect(cost.requests == 2.5)
        #expect(cost.meanLag == 4)
        #expect(cost.longestLag == 8)
    }

    @Test func `the time in a phase counts from the look that first saw it`() {
        let policy = PollPolicy(name: "sees") { _ in
            { look in
                #expect(look.timeInPhase == (look.age < 10 ? look.age : look.age - 10))
                return 5
            }
        }
        _ = PollStatistics(of: policy, over: [SimulatedRollout(buildEnd: 7, end: 33)])
    }

    @Test(
        "peers cost what was published of them",
        arguments: zip(
            PollPolicy.peers,
            [
                (364, 0.5), (122, 1.5), (73, 2.5), (6.6, 30), (6.3, 59), (25, 7.5), (17.5, 15), (85, 1.0), (130, 0.5),
            ]))
    func peers(policy: PollPolicy, published: (requests: Double, lag: Double)) {
        let cost = PollStatistics(of: policy, over: Self.rollouts)
        #expect(abs(cost.requests / published.requests - 1) < 0.03, "\(policy.name)")
        #expect(abs(cost.meanLag / published.lag - 1) < 0.03, "\(policy.name)")
    }
}

@Suite struct SplitMix64Tests {
    @Test func `the numbers are those of the published algorithm`() {
        var random = SplitMix64(seed: 1_234_567)
        #expect(random.next() == 6_457_827_717_110_365_317)
        #expect(random.next() == 3_203_168_211_198_807_973)
    }

    @Test func `unit values stay below one`() {
        var random = SplitMix64(seed: 7)
        let values = (0..<1000).map { _ in random.unit() }
        #expect(values.allSatisfy { 0..<1 ~= $0 })
        #expect(values.contains { $0 < 0.1 } && values.contains { $0 > 0.9 })
    }
}
