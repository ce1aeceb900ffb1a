import Clocks
import ControlPlaneTypes

/// The statuses of one revision as they were read.
struct StatusHistory: Sendable {
    let start: MonotonicInstant
    private(set) var status: RevisionStatus?
    private(set) var commit: String?
    private(set) var since: MonotonicInstant
    private var phaseSince: MonotonicInstant
    /// Whether the last poll brought a change.
    private(set) var isNew = false

    init(start: MonotonicInstant) {
        self.start = start
        since = start
        phaseSince = start
    }

    /// Adds what was read; true when the status changed, or the commit became known.
    mutating func add(_ revision: Revision, at now: MonotonicInstant) -> Bool {
        isNew = revision.status != status
        let learned = revision.commitSHA != commit
        if isNew { since = now }
        if status.map(RolloutPhase.init) != RolloutPhase(revision.status) { phaseSince = now }
        status = revision.status
        commit = revision.commitSHA
        return isNew || learned
    }

    /// The wait before the next poll.
    func interval(by schedule: PollSchedule, at now: MonotonicInstant) -> Duration {
        schedule.wait(after: status ?? .creating, age: start.duration(to: now), timeInPhase: timeInPhase(now))
    }

    func timeInStatus(_ now: MonotonicInstant) -> Duration { since.duration(to: now) }

    func timeInPhase(_ now: MonotonicInstant) -> Duration { phaseSince.duration(to: now) }
}
