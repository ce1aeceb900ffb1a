import Clocks
import Testing

@Suite struct MonotonicInstantTests {
    @Test func `instants order and subtract`() {
        let early = MonotonicInstant(sinceStart: .seconds(1))
        let late = early.advanced(by: .seconds(2))
        #expect(early < late)
        #expect(early.duration(to: late) == .seconds(2))
        #expect(late.duration(to: early) == .seconds(-2))
        #expect(max(early, late) == late)
    }
}
