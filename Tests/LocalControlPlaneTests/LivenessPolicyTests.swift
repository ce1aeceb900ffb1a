import Clocks
import Testing

@testable import LocalControlPlane

struct LivenessPolicyTests {
    private func at(_ seconds: Int) -> MonotonicInstant { MonotonicInstant(sinceStart: .seconds(seconds)) }

    @Test
    func `three misses in a row are a death, two are not`() {
        var policy = LivenessPolicy()
        let answers = [false, false, true, false, false, false]
        let decisions = answers.enumerated().map { policy.checked(healthy: $0.element, at: at($0.offset * 5)) }
        #expect(decisions == [.wait, .wait, .wait, .wait, .wait, .restart(after: .zero)])
    }

    @Test
    func `each restart waits longer, and the sixth within ten minutes is given up`() {
        var policy = LivenessPolicy()
        let decisions = (0..<6).map { policy.died(at: at($0)) }
        #expect(
            decisions == [
                .restart(after: .zero), .restart(after: .seconds(1)), .restart(after: .seconds(2)),
                .restart(after: .seconds(4)), .restart(after: .seconds(8)), .giveUp,
            ])
    }

    @Test
    func `restarts of long ago do not count`() {
        var policy = LivenessPolicy()
        for second in 0..<5 { _ = policy.died(at: at(second)) }
        #expect(policy.died(at: at(700)) == .restart(after: .zero))
    }
}
