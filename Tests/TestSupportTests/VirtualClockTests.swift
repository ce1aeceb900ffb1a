import Clocks
import FoundationEssentials
import TestSupport
import Testing

@Suite struct VirtualClockTests {
    let clock = VirtualClock()

    @Test func `time stands still until it is moved`() {
        let (now, date) = (clock.now, clock.date)
        #expect(clock.now == now)
        clock.advance(by: .seconds(90))
        #expect(now.duration(to: clock.now) == .seconds(90))
        #expect(clock.date.timeIntervalSince(date) == 90)
    }

    @Test func `a sleeper wakes when its time has come and not before`() async throws {
        async let sleep: Void = clock.sleep(for: .seconds(3))
        await clock.sleepers(1)
        clock.advance(by: .seconds(2))
        await clock.sleepers(1)
        clock.advance(by: .seconds(1))
        try await sleep
        #expect(clock.now.sinceStart == .seconds(3))
    }

    @Test func `a time that has passed is no reason to sleep`() async throws {
        try await clock.sleep(for: .zero)
        try await clock.sleep(for: .seconds(-1))
    }

    @Test func `time jumps from sleeper to sleeper`() async throws {
        try await withThrowingTaskGroup { group in
            for seconds in [5, 1, 3] {
                group.addTask { [clock] in try await clock.sleep(for: .seconds(seconds)) }
            }
            await clock.sleepers(3)
            #expect(await clock.advanceToNextSleeper() == .seconds(1))
            #expect(await clock.advanceToNextSleeper() == .seconds(2))
            #expect(await clock.advanceToNextSleeper() == .seconds(2))
            try await group.waitForAll()
        }
    }

    @Test func `cancelling wakes a sleeper at once, and prevents a sleep`() async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask { [clock] in
                    await #expect(throws: CancellationError.self) { try await clock.sleep(for: .seconds(1)) }
                }
            }
            await clock.sleepers(10)
            group.cancelAll()
        }
    }

    @Test func `an automatic clock runs through three hours in no time`() async throws {
        let clock = VirtualClock(automatic: true)
        for _ in 0..<1080 { try await clock.sleep(for: .seconds(10)) }
        #expect(clock.now.sinceStart == .seconds(10_800))
    }
}
