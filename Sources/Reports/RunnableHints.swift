package import Engine

extension PrintedCommands {
    /// The summary with such hints, for every report.
    package func runnable(_ summary: RunSummary) -> RunSummary {
        guard !flags.isEmpty else { return summary }
        var summary = summary
        for job in summary.jobs.indices {
            summary.jobs[job].failure = summary.jobs[job].failure.map(runnable)
            for step in summary.jobs[job].steps.indices {
                summary.jobs[job].steps[step].failure = summary.jobs[job].steps[step].failure.map(runnable)
                for attempt in summary.jobs[job].steps[step].attempts.indices {
                    summary.jobs[job].steps[step].attempts[attempt].failure =
                        summary.jobs[job].steps[step].attempts[attempt].failure.map(runnable)
                }
            }
        }
        return summary
    }
}
