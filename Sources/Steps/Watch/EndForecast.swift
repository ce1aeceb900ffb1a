import Clocks

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// When a revision is likely to end, given what its deployment's past ones took; in seconds of its age.
struct EndForecast: Sendable {
    /// What the past says, counted from the start of the revision.
    private var totals = LogNormalMixture()
    /// What is true of any revision, counted from `phaseStart`.
    private var remainders = LogNormalMixture()
    private let phaseStart: Double

    /// The end of a revision whose status says nothing. Any rollout takes 5 min, 95 in 100 between 1 and 25 min.
    init(history: DurationHistory) {
        phaseStart = 0
        remainders.add(weight: Self.novelty, location: log(300), spread: 0.8)
        for logarithm in history.logarithms {
            totals.add(weight: 1, location: logarithm, spread: history.bandwidth)
        }
    }

    /// The end of a revision that was built at the age `phaseStart`. Any deploy phase takes 85 s, 95 in 100 between 18
    /// and 400 s.
    ///
    /// Past durations are the prior of the total; this build's length is a noisy look at it. Both are normal in the
    /// logarithm, so the posterior is too, and its weight is how well the two agree.
    init(history: DurationHistory, builtAt phaseStart: Double) {
        self.phaseStart = phaseStart
        remainders.add(weight: Self.novelty, location: log(85), spread: 0.8)
        guard !history.isEmpty else { return }
        let expected = log(max(phaseStart, 1) / Self.buildShare)
        let prior = history.bandwidth * history.bandwidth
        let noise = Self.buildShareSpread * Self.buildShareSpread
        for logarithm in history.logarithms {
            let surprise = (logarithm - expected) * (logarithm - expected) / (prior + noise)
            totals.add(
                weight: exp(-surprise / 2), location: (logarithm * noise + expected * prior) / (prior + noise),
                spread: (prior * noise / (prior + noise)).squareRoot())
        }
        totals.add(weight: Self.doubt, location: history.center, spread: history.spread)
    }

    /// Against a weight of 1 for each past duration: that this revision is like none of them.
    private static let novelty = 0.3
    /// The part of a total that the build takes, and the standard deviation of that part's logarithm.
    private static let buildShare = 0.71
    private static let buildShareSpread = 0.12
    /// That a total is like the past ones and owes nothing to `buildShare`: an image source has no build.
    private static let doubt = 0.5

    /// The wait after `age` in which the expected time that an end stays unseen grows to `price`, at most `longest`.
    ///
    /// That expectation is convex in the wait, so Newton's method finds it from anywhere; from below it may step past
    /// `longest`. A step of less than a tenth leaves an error of half a hundredth.
    func wait(after age: Double, price: Double, longest: Double) -> Double {
        let now = tails(beyond: age)
        let open = now.total.weight + now.remainder.weight
        guard open > 1e-12 else { return longest }
        var wait = min(longest, 1)
        for _ in 0..<20 {
            let later = tails(beyond: age + wait)
            let ended = open - later.total.weight - later.remainder.weight
            let endedTotal = now.total.weight - later.total.weight
            let unseen =
                (age + wait) * endedTotal - (now.total.moment - later.total.moment)
                + (age + wait - phaseStart) * (ended - endedTotal) - (now.remainder.moment - later.remainder.moment)
            guard ended > 0 else { return longest }
            let next = min(longest, wait - (unseen - price * open) / ended)
            let step = abs(next - wait)
            wait = next
            if step < wait / 10 { break }
        }
        return wait
    }

    private func tails(beyond age: Double) -> (total: LogNormalMixture.Tail, remainder: LogNormalMixture.Tail) {
        (totals.tail(beyond: age), remainders.tail(beyond: age - phaseStart))
    }
}

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
