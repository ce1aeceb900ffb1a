#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A weighted sum of log-normal durations, in seconds.
struct LogNormalMixture: Sendable {
    /// The part of a mixture beyond some time: its weight, and its weight times its mean.
    struct Tail {
        let weight: Double
        let moment: Double
    }

    private struct Component {
        let weight: Double
        let moment: Double
        let location: Double
        let spread: Double
    }

    private var components: [Component] = []

    /// Adds durations whose logarithm has the mean `location` and the standard deviation `spread`, above 0.
    mutating func add(weight: Double, location: Double, spread: Double) {
        let mean = exp(location + spread * spread / 2)
        components.append(Component(weight: weight, moment: weight * mean, location: location, spread: spread))
    }

    func tail(beyond time: Double) -> Tail {
        let logarithm = time > 0 ? log(time) : -.infinity
        var weight = 0.0
        var moment = 0.0
        for component in components {
            let score = (logarithm - component.location) / component.spread
            weight += component.weight * Self.upperTail(score)
            moment += component.moment * Self.upperTail(score - component.spread)
        }
        return Tail(weight: weight, moment: moment)
    }

    /// P(X > score) of a standard normal X.
    private static func upperTail(_ score: Double) -> Double {
        erfc(score * 0.5.squareRoot()) / 2
    }
}
