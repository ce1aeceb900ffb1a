import WorkflowModel

/// How many targets of a wave may be deployed at a time and fail, and how its shards share that.
struct WaveLimits {
    var maxParallel: Int
    var maxFailures: FailureTolerance
    var isStrict: Bool
    /// What is rolled back together is not divided.
    var isWhole: Bool

    /// How many of `count` targets are deployed at a time at most: in strict mode no more than may still fail.
    func parallel(of count: Int) -> Int {
        let parallel = min(maxParallel, max(count, 1))
        return isStrict ? min(parallel, maxFailures.limit(of: count) + 1) : parallel
    }

    /// How many of the wanted shards have something to do so that they can keep the limits: no more than targets are
    /// deployed at a time, which would not be faster either.
    func shards(of count: Int, wanted: Int) -> Int { isWhole ? 1 : min(wanted, parallel(of: count)) }

    /// The limits of one shard of a wave with `count` targets, so that all shards together keep those of the wave: in
    /// strict mode `max-failures` + 1 targets fail at most, otherwise `max-failures` + `max-parallel`.
    ///
    /// With more shards than targets at a time, each still deploys one at a time.
    func share(of shard: FleetSelection.Shard, count: Int) -> WaveLimits {
        guard shard.count > 1 else { return self }
        let failures = maxFailures.limit(of: count)
        let slots = max(Self.part(parallel(of: count), shard), 1)
        let tolerated = isStrict ? max(Self.part(failures + 1, shard) - 1, 0) : Self.part(failures, shard)
        var part = self
        (part.maxParallel, part.maxFailures) = (slots, .count(tolerated))
        return part
    }

    /// The first shards get what is left over.
    private static func part(_ number: Int, _ shard: FleetSelection.Shard) -> Int {
        number / shard.count + (shard.index <= number % shard.count ? 1 : 0)
    }
}
