import Clocks
import Testing

@testable import Steps

@Suite struct PassStreakTests {
    private func instant(_ seconds: Int) -> MonotonicInstant { MonotonicInstant(sinceStart: .seconds(seconds)) }

    @Test func `both the count and the time have to be reached`() {
        var streak = PassStreak(wanted: 3, bakeTime: .seconds(10))
        let enough = [0, 4, 8, 10].map { streak.pass(at: instant($0)) }
        #expect(enough == [false, false, false, true])
    }

    @Test func `a failure begins both again`() {
        var streak = PassStreak(wanted: 2, bakeTime: .seconds(10))
        _ = streak.pass(at: instant(0))
        streak.fail()
        let enough = [12, 20, 22].map { streak.pass(at: instant($0)) }
        #expect(enough == [false, false, true])
    }
}
