package import Engine

extension RunSummary {
    /// Whether it takes names to say which deployment is meant.
    package var hasSeveralRollouts: Bool { rollouts.count > 1 }

    /// The rollout that a job worked on, itself, in a workflow that it uses, or for the job that uses it.
    package func rollout(of job: String) -> RolloutSummary? {
        if let own = rollouts.first(where: { $0.jobs.contains(job) }) { return own }
        let path = JobPath(text: job)
        let related = rollouts.filter { rollout in
            rollout.jobs.map(JobPath.init(text:)).contains { $0.isInside(path) || path.isInside($0) }
        }
        return related.count == 1 ? related.first : nil
    }

    /// What became of it: the first of its jobs that did not go well decides; nil while one has not ended.
    package func outcome(of rollout: RolloutSummary) -> Outcome? {
        let ids = Set(rollout.jobs + rollout.jobs.map { JobPath(text: $0).outermost.text })
        let results = jobs.filter { ids.contains($0.id) }.map(\.result)
        if let bad = results.compactMap(\.self).first(where: \.stopsJob) { return bad }
        return results.contains(nil) ? nil : .success
    }

    /// See `main`.
    var decisiveRollout: RolloutSummary {
        let primary = primaryFailure
        if let job = primary?.job, let rollout = rollout(of: job) { return rollout }
        guard primary != nil, hasSeveralRollouts else { return rollouts.last ?? allRollouts.last ?? RolloutSummary() }
        // No other deployment's facts may stand beside this failure.
        return allRollouts.first { $0.deployment == nil && $0.jobs.contains(primary?.job ?? "") } ?? RolloutSummary()
    }
}
