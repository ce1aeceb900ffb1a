import Clocks

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// How long a deployment's last revisions took to become DEPLOYED.
package struct DurationHistory: Equatable, Sendable {
    /// Natural logarithms of seconds.
    let logarithms: [Double]
    let center: Double
    /// Standard deviation of the logarithms, as `center` their middle, unmoved by the odd build.
    let spread: Double

    /// Keeps the first 20 `durations` between 1 s and 2 h: any other is no deploy, but a clock that jumped or an
    /// `updated_at` that something touched later.
    ///
    /// - Parameter durations: newest first.
    package init(_ durations: [Duration] = []) {
        logarithms =
            durations.lazy
            .filter { .seconds(1) <= $0 && $0 <= .seconds(7200) }
            .prefix(20)
            .map { log($0.seconds) }
        let center = Self.median(of: logarithms)
        self.center = center
        spread = Self.spread(deviations: logarithms.map { abs($0 - center) })
    }

    var isEmpty: Bool { logarithms.isEmpty }

    /// In seconds.
    var typical: Double { exp(center) }

    /// Width of the kernel that smooths the logarithms: Silverman's rule, with his 0.9 for samples that may be skewed.
    var bandwidth: Double {
        min(0.3, 0.9 * spread * pow(Double(max(1, logarithms.count)), -0.2))
    }

    /// From the median deviation (1.4826 makes it a normal sample's standard deviation), drawn towards 15 % as if two
    /// builds had shown that: one past build alone says nothing of its spread.
    private static func spread(deviations: [Double]) -> Double {
        let (expected, weight) = (0.15, 2.0)
        let count = Double(deviations.count)
        let observed = 1.4826 * median(of: deviations)
        return ((count * observed * observed + weight * expected * expected) / (count + weight)).squareRoot()
    }

    private static func median(of values: [Double]) -> Double {
        let sorted = values.sorted()
        guard let upper = sorted.dropFirst(sorted.count / 2).first,
            let lower = sorted.dropFirst((sorted.count - 1) / 2).first
        else { return 0 }
        return (lower + upper) / 2
    }
}
