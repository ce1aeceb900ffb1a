import ControlPlaneTypes
import Engine

/// Works out how a run ended for each of its deployments.
struct RolloutOutcomes {
    private let results: [String: Outcome?]
    /// How many rollouts have jobs inside a job.
    private let inside: [String: Int]

    init(_ rollouts: [RolloutSummary], _ jobs: [JobSummary]) {
        results = Dictionary(jobs.map { ($0.id, $0.result) }) { first, _ in first }
        inside = rollouts.reduce(into: [:]) { inside, rollout in
            for job in Self.outer(rollout.jobs) { inside[job, default: 0] += 1 }
        }
    }

    /// The result of the first of its jobs that failed; nil while one has not finished. What the run deployed failed all
    /// the same when the run brought it back, or found another revision live later.
    ///
    /// A job around several deployments may have failed for another one, and says nothing.
    func outcome(of rollout: RolloutSummary) -> Outcome? {
        let outer = Self.outer(rollout.jobs).filter { inside[$0] == 1 }
        let found = (rollout.jobs + outer).compactMap { results[$0] }
        if let bad = found.compactMap(\.self).first(where: \.stopsJob) { return bad }
        if found.contains(nil) { return nil }
        return rollout.isUndone || rollout.replacement != nil ? .failure : .success
    }

    /// The jobs around jobs.
    private static func outer(_ jobs: [String]) -> Set<String> {
        var outer: Set<String> = []
        for job in jobs {
            let ids = JobPath(text: job).ids
            for count in 1..<max(ids.count, 1) { outer.insert(JobPath(Array(ids.prefix(count))).text) }
        }
        return outer.subtracting(jobs)
    }
}

extension RolloutSummary {
    fileprivate var isUndone: Bool { revision != nil && rollback?.attempted == true }

    /// The revision that is live instead of ours, which was deployed.
    var replacement: String? {
        guard rollback?.attempted != true, let ours = revision, ours.status == .deployed, let liveRevisionID,
            liveRevisionID != ours.id
        else { return nil }
        return liveRevisionID
    }
}
