import Engine

/// How many targets of the fleets of a run succeeded.
struct FleetTargets {
    private var good = 0
    private var bad = 0
    /// Not begun, or cancelled.
    private var left = 0

    /// Nil for a run without a fleet.
    init?(_ summary: RunSummary) {
        guard !summary.fleet.jobs.isEmpty else { return nil }
        var replaced: Set<String> = []
        for rollout in summary.rollouts where rollout.outcome == .failure {
            replaced.formUnion(rollout.jobs.compactMap { summary.fleet.row(of: $0)?.job })
        }
        for job in summary.jobs where summary.fleet.row(of: job.id)?.job == job.id {
            switch job.result {
            case .success where !replaced.contains(job.id): good += 1
            case .success, .failure, .error, .timeout: bad += 1
            case .skip, .cancellation, nil: left += 1
            }
        }
    }

    /// `12 of 20 targets succeeded, 3 did not begin`.
    var text: String {
        let others = left == 0 ? "" : ", \(left) did not begin or were cancelled"
        return "\(good) of \(good + bad + left) targets succeeded\(others)"
    }
}
