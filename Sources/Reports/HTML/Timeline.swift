import Clocks
import Engine
import FoundationEssentials

/// A run as rows of bars on one axis.
struct Timeline {
    /// A stretch of time on the axis.
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
            let number = step.attempts.count > 1 ? "attempt \(attempt.number): " : ""
            return bar(
                from: attempt.startedAt, lasting: attempt.duration, kind: result,
                title: "\(number)\(attempt.result.word), \(attempt.duration.brief)")
        }
        return StepRow(step: step, bars: bars, phases: waited.flatMap { phases(of: $0) })
    }

    private func phases(of revision: RevisionSummary) -> [PhaseRow] {
        revision.phases.filter { $0.result != .skip }.map { phase in
            let failed = phase.result.map { $0.stopsJob } ?? false
            let bars = revision.phasePeriods.filter { $0.phase == phase.phase && $0.duration > .zero }.map { wait in
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

/// Maps times of a run to positions on its axis.
struct TimeAxis {
    struct Tick: Equatable {
        var position: Double
        var label: String
    }

    let start: Date
    let span: Duration

    /// - Parameter end: not before the start; a run of no length has an axis of one millisecond.
    init(start: Date, end: Date) {
        self.start = start
        span = max(.milliseconds(Int64((end.timeIntervalSince(start) * 1000).rounded())), .milliseconds(1))
    }

    /// Percent of the axis, between 0 and 100.
    func position(of date: Date) -> Double {
        position(of: .milliseconds(Int64((date.timeIntervalSince(start) * 1000).rounded())))
    }

    func position(of offset: Duration) -> Double { min(max(offset / span * 100, 0), 100) }

    /// The time between two ticks: the shortest round one that makes no more than six of them.
    var step: Duration {
        let seconds: [Double] = [
            0.001, 0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200,
        ]
        let found = seconds.first { span.seconds / $0 <= 6 }
        return .seconds(found ?? (span.seconds / 6 / 86400).rounded(.up) * 86400)
    }

    var ticks: [Tick] {
        let count = Int(span / step)
        return (0...max(count, 0)).map { Tick(position: position(of: step * $0), label: label(step * $0)) }
    }

    /// Shorter than durations elsewhere: `30s`, `5m`, `1h30m`.
    private func label(_ offset: Duration) -> String {
        if step < .seconds(1) {
            return offset < .seconds(1) && step < .milliseconds(100) ? "\(offset.milliseconds)ms" : offset.brief
        }
        let seconds = offset.milliseconds / 1000
        let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60)
        let parts = [(hours, "h"), (minutes, "m"), (rest, "s")].filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }
        return parts.isEmpty ? "0" : parts.joined()
    }
}
