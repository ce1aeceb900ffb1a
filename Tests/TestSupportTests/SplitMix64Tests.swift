import TestSupport
import Testing

@Suite struct SplitMix64Tests {
    @Test func `the numbers are those of the published algorithm`() {
        var random = SplitMix64(seed: 1_234_567)
        #expect(random.next() == 6_457_827_717_110_365_317)
        #expect(random.next() == 3_203_168_211_198_807_973)
    }

    @Test func `unit values stay below one`() {
        var random = SplitMix64(seed: 7)
        let values = (0..<1000).map { _ in random.unit() }
        #expect(values.allSatisfy { 0..<1 ~= $0 })
        #expect(values.contains { $0 < 0.1 } && values.contains { $0 > 0.9 })
    }
}
