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
        totals.add(
            weight: Self.doubt * Double(history.logarithms.count), location: history.center, spread: history.spread)
    }

    /// Against a weight of 1 for each past duration: that this revision is like none of them.
    private static let novelty = 0.3
    /// The part of a total that the build takes, and the standard deviation of that part's logarithm.
    private static let buildShare = 0.71
    private static let buildShareSpread = 0.12
    /// For each past duration, the weight of totals that owe nothing to `buildShare`: an image source has no build.
    private static let doubt = 0.1

    /// The wait after `age` in which the expected time that an end stays unseen grows to `price`, at most `longest`.
    ///
    /// That expectation is convex in the wait, so Newton's method comes down to it from `longest` and never passes it.
    /// It stops within 1 % of it: a last step of a tenth leaves half a hundredth.
    func wait(after age: Double, price: Double, longest: Double) -> Double {
        let (total, remainder) = tails(beyond: age)
        let open = total.weight + remainder.weight
        guard open > 1e-12 else { return longest }
        var wait = longest
        for _ in 0..<20 {
            let end = age + wait
            let (laterTotal, laterRemainder) = tails(beyond: end)
            let endedTotal = total.weight - laterTotal.weight
            let endedRemainder = remainder.weight - laterRemainder.weight
            let unseen =
                end * endedTotal - (total.moment - laterTotal.moment)
                + (end - phaseStart) * endedRemainder - (remainder.moment - laterRemainder.moment)
            let excess = unseen - price * open
            guard excess > 0 else { break }
            let step = excess / (endedTotal + endedRemainder)
            wait -= step
            if step < wait / 10 { break }
        }
        return wait
    }

    private func tails(beyond age: Double) -> (total: LogNormalMixture.Tail, remainder: LogNormalMixture.Tail) {
        (totals.tail(beyond: age), remainders.tail(beyond: age - phaseStart))
    }
}
