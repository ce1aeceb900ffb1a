import ControlPlaneTypes
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

@Suite struct LogNormalMixtureTests {
    private let mixture: LogNormalMixture = {
        var mixture = LogNormalMixture()
        mixture.add(weight: 2, location: 0, spread: 0.5)
        mixture.add(weight: 1, location: 2, spread: 0.25)
        return mixture
    }()

    @Test(arguments: [-1.0, 0])
    func `all of it lies beyond the start`(time: Double) {
        let tail = mixture.tail(beyond: time)
        #expect(abs(tail.weight - 3) < 1e-12)
        // 2·e^(0.5²/2) + e^(2 + 0.25²/2)
        #expect(abs(tail.moment - 9.889907) < 1e-5)
    }

    @Test func `half of a component lies beyond its median`() {
        var single = LogNormalMixture()
        single.add(weight: 4, location: 0, spread: 0.3)
        #expect(abs(single.tail(beyond: 1).weight - 2) < 1e-12)
    }

    @Test func `nothing lies beyond the end of time`() {
        let tail = mixture.tail(beyond: 1e12)
        #expect(tail.weight == 0 && tail.moment == 0)
    }
}

@Suite struct RolloutPhaseTests {
    @Test(
        arguments: [
            (RevisionStatus.creating, RolloutPhase.building), (.queued, .building), (.awaitingBuild, .building),
            (.building, .building), (.awaitingDeploy, .deploying), (.deploying, .deploying),
            (.interrupted, .unclear), (.unknown, .unclear), (RevisionStatus(rawValue: "PAUSED"), .unclear),
        ])
    func `a status tells what can come next`(status: RevisionStatus, phase: RolloutPhase) {
        #expect(RolloutPhase(status) == phase)
    }
}
