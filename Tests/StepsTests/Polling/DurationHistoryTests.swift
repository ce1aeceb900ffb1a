import Testing

@testable import Steps

@Suite struct DurationHistoryTests {
    @Test(arguments: [-5.0, 0, 0.5, 7201, 1e15])
    func `an absurd duration counts as none`(seconds: Double) {
        #expect(DurationHistory([.seconds(seconds)]) == DurationHistory())
        #expect(DurationHistory([.seconds(seconds), .seconds(60)]) == DurationHistory([.seconds(60)]))
    }

    @Test func `only the newest 20 count`() {
        let durations = (1...30).map { Duration.seconds($0 * 10) }
        #expect(DurationHistory(durations) == DurationHistory(Array(durations.prefix(20))))
    }

    @Test func `the typical duration is the median, which one odd build cannot move`() {
        let history = DurationHistory([.seconds(100), .seconds(101), .seconds(99), .seconds(100), .seconds(5000)])
        #expect(abs(history.typical - 100) < 0.01)
        #expect(history.spread < 0.1)
    }

    @Test func `one duration alone is taken to vary by 15 percent or so`() {
        #expect((0.1...0.15).contains(DurationHistory([.seconds(100)]).spread))
    }

    @Test func `an empty history has finite numbers`() {
        let history = DurationHistory()
        #expect(history.isEmpty)
        #expect(history.bandwidth.isFinite && history.bandwidth > 0)
    }
}
