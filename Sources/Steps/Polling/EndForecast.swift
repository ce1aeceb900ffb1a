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
