import Testing

@testable import Steps

@Suite struct EndForecastTests {
    private let known = DurationHistory([280, 300, 320].map { .seconds($0) })

    @Test(arguments: [0.001, 0.0165, 0.1, 1])
    func `a dearer poll waits longer`(price: Double) {
        for forecast in [EndForecast(history: known), EndForecast(history: known, builtAt: 210)] {
            let wait = forecast.wait(after: 290, price: price, longest: 60)
            let longer = forecast.wait(after: 290, price: price * 1.5, longest: 60)
            #expect(wait > 0 && wait < longer)
        }
    }

    @Test func `four times the price waits about twice as long where the hazard is even`() {
        let forecast = EndForecast(history: DurationHistory(), builtAt: 200)
        let ratio =
            forecast.wait(after: 300, price: 0.04, longest: 60) / forecast.wait(after: 300, price: 0.01, longest: 60)
        #expect(abs(ratio - 2) < 0.05)
    }

    @Test func `a late build puts the end off`() {
        let onTime = EndForecast(history: known, builtAt: 210).wait(after: 270, price: 0.0165, longest: 60)
        let late = EndForecast(history: known, builtAt: 230).wait(after: 270, price: 0.0165, longest: 60)
        #expect(late > onTime)
    }

    @Test func `an age beyond all that is possible waits the longest`() {
        #expect(EndForecast(history: known).wait(after: 1e300, price: 0.0165, longest: 5) == 5)
    }
}
