import Clocks
import Engine
import FoundationEssentials

/// A run as rows of bars on one axis.
struct Timeline {
    /// A stretch of time in which something went on.
    struct Bar: Equatable {
        /// Percent of the axis.
        var start: Double
        var length: Double
        /// Of the style sheet.
        var kind: String
        var title: String
    }

    struct PhaseRow {
        var summary: PhaseSummary
        var bars: [Bar]
    }

    struct StepRow {
        var step: StepSummary
        var bars: [Bar]
        /// Of the revision that the step waited for.
        var phases: [PhaseRow]
    }

    struct JobRow {
        var job: JobSummary
        var duration: Duration
        var steps: [StepRow]
    }

    let axis: TimeAxis
    private(set) var jobs: [JobRow] = []

    init(_ summary: RunSummary) {
        let start = summary.startedAt ?? Date(timeIntervalSince1970: 0)
        axis = TimeAxis(start: start, end: summary.lastMoment ?? start)
        // The jobs of a workflow that a step uses follow the job of that step: `job › step › job of its own`.
        let groups = summary.jobs.map { $0.id.split(separator: " › ").first ?? "" }
        let order = summary.jobs.indices.sorted { left, right in
            let (one, other) = (
                groups.firstIndex(of: groups[left]) ?? left, groups.firstIndex(of: groups[right]) ?? right
            )
            return (one, left) < (other, right)
        }
        jobs = order.map { summary.jobs[$0] }.map { job in
            JobRow(
                job: job, duration: job.elapsed(until: summary.lastMoment),
                steps: job.steps.map { row($0, of: summary) })
        }
    }

    private func row(_ step: StepSummary, of summary: RunSummary) -> StepRow {
        let waited = summary.revisions(awaitedBy: step.address)
        let bars = step.attempts.map { attempt in
            let result = attempt.result?.rawValue ?? "running"
            let tries = step.attempts.count > 1 ? "try \(attempt.number): " : ""
            return bar(
                from: attempt.startedAt, lasting: attempt.duration, kind: result,
                title: "\(tries)\(attempt.result.word), \(attempt.duration.brief)")
        }
        return StepRow(step: step, bars: bars, phases: waited.flatMap { phases(of: $0) })
    }

    private func phases(of revision: RevisionSummary) -> [PhaseRow] {
        revision.phases.filter { $0.result != .skip }.map { phase in
            let failed = phase.result.map { $0.stopsJob } ?? false
            let bars = revision.waits.filter { $0.phase == phase.phase && $0.duration > .zero }.map { wait in
                bar(
                    from: wait.start, lasting: wait.duration, kind: failed ? "failure" : phase.phase.rawValue,
                    title: "\(phase.phase.rawValue), \(wait.duration.brief)")
            }
            return PhaseRow(summary: phase, bars: bars)
        }
    }

    private func bar(from start: Date, lasting duration: Duration, kind: String, title: String) -> Bar {
        let position = axis.position(of: start)
        let end = axis.position(of: start.addingTimeInterval(duration / .seconds(1)))
        return Bar(start: position, length: max(end - position, 0), kind: kind, title: title)
    }
}
