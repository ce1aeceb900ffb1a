import Clocks
import ControlPlaneTypes
import Engine

/// When a watcher looks again: the schedule, fed with what the watcher has seen.
struct PollPace: Sendable {
    private let schedule: PollSchedule

    /// Throws `StepFailure` when `fixed` is no duration.
    init(fixed: String?, pastSeconds: [String] = []) throws {
        guard let fixed else {
            schedule = PollSchedule(
                history: DurationHistory(pastSeconds.compactMap(Double.init).map { .seconds($0) }))
            return
        }
        guard let interval = Duration(text: fixed), interval > .zero else {
            throw StepFailure(
                .usage, code: "InvalidPollInterval", "'\(fixed)' is no interval between polls",
                hint: "write --poll-interval as 500ms, \(Duration.spellings)")
        }
        schedule = PollSchedule(fixed: interval)
    }

    func interval(_ seen: StatusHistory, at now: MonotonicInstant) -> Duration {
        schedule.wait(
            after: seen.status ?? .creating, age: seen.start.duration(to: now), timeInPhase: seen.timeInPhase(now))
    }
}
