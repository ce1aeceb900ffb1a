import WorkflowModel

/// How many targets of a wave may be deployed at a time and fail, and how its shards share that.
struct WaveLimits {
    var maxParallel: Int
    var maxFailures: FailureTolerance
    var isStrict: Bool

    /// How many of `count` targets are deployed at a time at most: in strict mode no more than may still fail.
    func parallel(of count: Int) -> Int {
        let parallel = min(maxParallel, max(count, 1))
        return isStrict ? min(parallel, maxFailures.limit(of: count) + 1) : parallel
    }

    /// The limits of one shard of a wave with `count` targets, so that all shards together keep those of the wave: in
    /// strict mode `max-failures` + 1 targets fail at most, otherwise `max-failures` + `max-parallel`.
    ///
    /// With more shards than targets at a time, each still deploys one at a time.
    func share(of shard: FleetSelection.Shard, count: Int) -> WaveLimits {
        guard shard.count > 1 else { return self }
        let failures = maxFailures.limit(of: count)
        let slots = max(Self.part(parallel(of: count), shard), 1)
        let tolerated = isStrict ? max(Self.part(failures + 1, shard) - 1, 0) : Self.part(failures, shard)
        return WaveLimits(maxParallel: slots, maxFailures: .count(tolerated), isStrict: isStrict)
    }

    /// The first shards get what is left over.
    private static func part(_ number: Int, _ shard: FleetSelection.Shard) -> Int {
        number / shard.count + (shard.index <= number % shard.count ? 1 : 0)
    }
}
