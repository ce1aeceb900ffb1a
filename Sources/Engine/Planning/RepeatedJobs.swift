/// The jobs of a finished run that run again with `resume --failed`: those that failed, those that did not run because
/// of that, and all that need one of them.
struct RepeatedJobs: Sendable {
    /// In the order of the plan.
    let paths: [JobPath]

    init(_ plan: RunPlan, _ state: RunState) {
        let failed = Set(plan.jobs.filter { Self.outcome(of: $0, in: state)?.stopsJob == true }.map(\.group))
        var repeated: Set<JobPath> = []
        var rest = Array(failed)
        for job in plan.jobs where failed.contains(job.group) && Self.outcome(of: job, in: state) != .success {
            repeated.insert(job.id)
        }
        var visited = failed
        while let group = rest.popLast() {
            for job in plan.dependents(of: group).map({ plan.jobs[$0] }) {
                repeated.insert(job.id)
                if visited.insert(job.group).inserted { rest.append(job.group) }
                // What ran after a failure, such as a rollback, may have undone what had succeeded.
                if failed.contains(group), Self.hasEffects(job, in: state) {
                    repeated.formUnion(plan.members(of: group).map(\.id))
                }
            }
        }
        paths = plan.jobs.map(\.id).filter(repeated.contains)
    }

    private static func outcome(of job: PlannedJob, in state: RunState) -> Outcome? {
        if case .finished(let outcome)? = state.jobs[job.id]?.phase { outcome } else { nil }
    }

    /// Whether it or a workflow that its steps use intended a change.
    private static func hasEffects(_ job: PlannedJob, in state: RunState) -> Bool {
        state.jobs.contains { path, record in
            path.outermost == job.id && (record.hadEffects || record.steps.values.contains { !$0.effects.isEmpty })
        }
    }
}
