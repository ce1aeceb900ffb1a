#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Seeded numbers of the standard normal distribution.
struct NormalNumbers {
    private var generator: SplitMix64

    init(seed: UInt64) { generator = SplitMix64(seed: seed) }

    /// In 0 ..< 1.
    mutating func uniform() -> Double { Double.random(in: 0..<1, using: &generator) }

    /// Box and Muller's transform.
    mutating func next() -> Double {
        (-2 * log(1 - uniform())).squareRoot() * cos(2 * .pi * uniform())
    }

    /// The inverse of the distribution function, by bisection: exact enough for any simulation.
    static func quantile(_ probability: Double) -> Double {
        var low = -9.0
        var high = 9.0
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if erfc(-middle / 2.0.squareRoot()) / 2 < probability { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }
}
