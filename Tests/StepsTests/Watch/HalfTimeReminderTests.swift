import Clocks
import Testing

@testable import Steps

@Suite struct HalfTimeReminderTests {
    private func instant(_ seconds: Int) -> MonotonicInstant { MonotonicInstant(sinceStart: .seconds(seconds)) }

    @Test func `row 21: half of the time is told once`() {
        var reminder = HalfTimeReminder(from: instant(10), to: instant(30))
        let answers = [19, 20, 25].map { reminder.isHalfOver(at: instant($0)) }
        #expect(answers == [false, true, false])
    }

    @Test func `time without an end has no half`() {
        var reminder = HalfTimeReminder(from: instant(0), to: nil)
        let answer = reminder.isHalfOver(at: instant(100_000))
        #expect(!answer)
    }
}
