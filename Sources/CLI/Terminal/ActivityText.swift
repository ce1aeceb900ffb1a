import Clocks
import ControlPlaneTypes
import Engine
import FoundationEssentials
import Redaction
import Reports
import WorkflowModel

/// Describes what is in progress, for the live region and for reminders.
extension ProgressLines {
    func liveLine(for activity: RunActivity, at date: Date, in run: RunFold) -> LiveLine {
        let facts = facts(of: activity, in: run)
        return LiveLine(
            label: facts.label.labelled(label(of: activity.step.job, in: run)),
            elapsed: facts.since.duration(to: date).brief, remaining: remaining(facts, at: date))
    }

    func reminder(for activity: RunActivity, at date: Date, in run: RunFold) -> String {
        let facts = facts(of: activity, in: run)
        let times = [facts.begin.duration(to: date).brief, remaining(facts, at: date)].compactMap(\.self)
        let text = facts.reminder.labelled(label(of: activity.step.job, in: run))
        return "\(text) (\(times.joined(separator: ", ")))"
    }

    private struct Facts {
        var label: String
        var reminder: String
        var since: Date
        /// Earlier than `since` for a revision that had other statuses before.
        var begin: Date
        /// How long the last revisions of the deployment took.
        var past: [Duration] = []
    }

    private func facts(of activity: RunActivity, in run: RunFold) -> Facts {
        let step = activity.step
        if let revision = activity.revision, let first = revision.timeline.first, let last = revision.timeline.last {
            let name = revisionName(revision.id, revision.role)
            let status = clean.line(last.status.rawValue)
            return Facts(
                label: "\(name) \(status)", reminder: "\(name) still \(status)", since: last.enteredAt,
                begin: first.enteredAt, past: pastDurations(of: step.job, in: run))
        }
        let attempt = step.attempts.count > 1 ? ", attempt \(step.attempts.last?.number ?? 1)" : ""
        let label = clean.line(step.name) + attempt
        let start = step.attempts.last?.startedAt ?? .distantPast
        return Facts(label: label, reminder: "still running: \(label)", since: start, begin: start)
    }

    private func pastDurations(of job: String, in run: RunFold) -> [Duration] {
        let outputs = run.jobs.first { $0.id == job }?.steps.flatMap(\.outputs.values) ?? []
        // The plan of a deploy, or the target of a rollback.
        let lists = outputs.compactMap { output -> [Value]? in
            guard case .object(let members) = output, case .list(let seconds)? = members["past-durations"] else {
                return nil
            }
            return seconds
        }
        return (lists.last ?? []).compactMap { Double($0.text) }.filter { $0 > 0 }.map { .seconds($0) }
    }

    private func remaining(_ facts: Facts, at date: Date) -> String? {
        ExpectedRemaining.text(past: facts.past, age: facts.begin.duration(to: date))
    }
}

/// Estimates how much longer a revision takes from what the last revisions of its deployment took.
enum ExpectedRemaining {
    /// Nil where nothing is known of the past.
    ///
    /// - Parameter past: from the start of a revision until it was deployed.
    static func text(past: [Duration], age: Duration) -> String? {
        guard !past.isEmpty else { return nil }
        // Shorter ones say nothing about a revision that is still in progress.
        let longer = past.filter { $0 > age }.sorted()
        guard let median = longer.dropFirst(longer.count / 2).first else {
            return "longer than the last \(past.count == 1 ? "one" : "\(past.count)")"
        }
        let seconds = max(1, Int((median - age).seconds.rounded()))
        return "about \(seconds < 10 ? "\(seconds)s" : Duration.seconds(seconds).brief) left"
    }
}
