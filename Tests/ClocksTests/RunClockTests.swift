import Clocks
import FoundationEssentials
import Testing

@Suite struct SystemClockTests {
    let clock = SystemClock()

    @Test func `time starts at zero and increases`() {
        let first = clock.now
        #expect(first.sinceStart >= .zero)
        #expect(clock.now >= first)
        #expect(abs(clock.date.timeIntervalSinceNow) < 5)
    }

    @Test func `a sleep ends at its deadline, immediately if it is past`() async throws {
        let end = clock.now.advanced(by: .milliseconds(2))
        try await clock.sleep(until: end)
        #expect(clock.now >= end)
        try await clock.sleep(until: MonotonicInstant(sinceStart: .seconds(-1)))
        try await clock.sleep(for: .zero)
    }

    @Test func `a cancelled sleep ends immediately`() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [clock] in
                await #expect(throws: CancellationError.self) { try await clock.sleep(for: .seconds(3600)) }
            }
            group.cancelAll()
        }
    }
}

@Suite struct MonotonicInstantTests {
    @Test func `instants can be compared and subtracted`() {
        let early = MonotonicInstant(sinceStart: .seconds(1))
        let late = early.advanced(by: .seconds(2))
        #expect(early < late)
        #expect(early.duration(to: late) == .seconds(2))
        #expect(late.duration(to: early) == .seconds(-2))
        #expect(max(early, late) == late)
    }
}
