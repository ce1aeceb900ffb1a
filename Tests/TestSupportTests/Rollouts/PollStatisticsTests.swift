import TestSupport
import Testing

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
