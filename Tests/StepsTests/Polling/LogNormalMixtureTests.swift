import Testing

@testable import Steps

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
