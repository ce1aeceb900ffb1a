import Clocks
import ControlPlane
package import ControlPlaneTypes
import Engine

/// Follows one revision until it is terminal or the deadline passes. An outage is not final.
struct RevisionWatcher: Sendable {
    /// How long an interrupted revision may take to move on.
    static let interruptedGrace: Duration = .seconds(60)

    enum Ending: Sendable {
        case deployed(Revision)
        case failed(Revision)
        case superseded
        case mismatch(built: String, Revision)
        case interrupted
        case gone(StepFailure)
        /// The deadline passed; the last status seen, if any.
        case timedOut(RevisionStatus?)
    }

    let client: ControlPlaneClient
    let context: StepContext
    let deployment: DeploymentID
    let revision: RevisionID
    let role: RevisionSeen.Role
    /// The commit it has to be; nil when the control plane cannot say.
    let sha: String?
    /// The image it has to be made of.
    var image: ImageReference?
    let schedule: PollSchedule
    /// Says of an uploaded archive, whose commit the control plane does not know, what it was made from.
    let uploads: UploadIndex
    var race: ConcurrentDeployCheck?
    /// Set when the revision's logs are shown as they come.
    var logs: LogStreamer?

    func watch() async throws -> Ending {
        var sight = RevisionReader(watcher: self)
        var seen = StatusHistory(start: context.clock.now)
        var (race, logs) = (race, logs)
        var patience = HalfTimeReminder(from: context.clock.now, to: context.deadline)
        while true {
            switch try await sight.look() {
            case .gone(let failure): return .gone(failure)
            case .notThereYet: break
            case .lost: return .timedOut(seen.status)
            case .seen(let revision):
                if seen.take(revision, at: context.clock.now) { announce(revision) }
                await logs?.look(revision.status)
                if let ending = ending(of: revision, seen) { return ending }
                await race?.look()
            }
            if patience.isHalfOver(at: context.clock.now) { warnOfSilence(seen) }
            // Checked after a poll, so that a machine that slept polls once before it gives up (row 42).
            if let deadline = context.deadline, context.clock.now >= deadline { return .timedOut(seen.status) }
            try await sleep(seen.interval(by: schedule, at: context.clock.now))
        }
    }

    private func ending(of revision: Revision, _ seen: StatusHistory) -> Ending? {
        switch RevisionAssessment.assess(revision, sha: sha, image: image) {
        case .underWay: return nil
        case .deployed: return .deployed(revision)
        case .failed: return .failed(revision)
        case .superseded: return .superseded
        case .mismatch(let built): return .mismatch(built: built, revision)
        case .interrupted: return seen.timeInStatus(context.clock.now) >= Self.interruptedGrace ? .interrupted : nil
        case .unknown(let status):
            if seen.isNew { context.warn("revision \(revision.id) has an unknown status: \(status)") }
            return nil
        }
    }

    /// Records the status of the revision.
    func announce(_ revision: Revision) {
        let commit = revision.builtCommit(uploads: uploads.entries())
        context.record(
            RevisionSeen(revision.id, role: role, status: revision.status, commitSHA: commit))
    }

    private func warnOfSilence(_ seen: StatusHistory) {
        let status = seen.status?.rawValue ?? "not seen yet"
        context.warn(
            "revision \(revision) still \(status) after \(seen.timeInStatus(context.clock.now).brief) "
                + "(half of --timeout)")
    }

    private func sleep(_ interval: Duration) async throws {
        let wake = context.clock.now.advanced(by: interval)
        try await context.clock.sleep(until: context.deadline.map { min($0, wake) } ?? wake)
    }
}

/// The statuses of one revision as they were seen.
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

    /// True when the status changed, or the commit became known.
    mutating func take(_ revision: Revision, at now: MonotonicInstant) -> Bool {
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

/// What one read of a revision means: a pure decision.
package enum RevisionAssessment: Sendable, Equatable {
    case underWay
    case deployed
    case failed(RevisionStatus)
    case superseded
    /// The control plane builds or built another commit than ours, or runs another image.
    case mismatch(built: String)
    /// Not terminal, but it seldom continues: it gets a short deadline.
    case interrupted
    /// A status this version does not know.
    case unknown(RevisionStatus)

    /// `sha` is the commit it has to be; nil when the control plane cannot say (an uploaded archive). `image` is what
    /// it has to be made of instead.
    package static func assess(
        _ revision: Revision, sha: String?, image: ImageReference? = nil
    ) -> RevisionAssessment {
        if let image, let made = revision.image, !image.isSame(as: made) { return .mismatch(built: made.text) }
        if let sha, let built = revision.commitSHA, built != sha { return .mismatch(built: built) }
        return switch revision.status {
        case .deployed: .deployed
        case .skipped: .superseded
        case .interrupted: .interrupted
        case let status where status.isFailure: .failed(status)
        case let status where status.isInProgress: .underWay
        case let status: .unknown(status)
        }
    }
}

/// Reports, once, that half of the timeout has passed (docs/failures.md, row 21).
struct HalfTimeReminder: Sendable {
    private let middle: MonotonicInstant?
    private var hasTold = false

    /// Without an end there is no half.
    init(from start: MonotonicInstant, to end: MonotonicInstant?) {
        middle = end.map { start.advanced(by: start.duration(to: $0) / 2) }
    }

    mutating func isHalfOver(at now: MonotonicInstant) -> Bool {
        guard let middle, !hasTold, now >= middle else { return false }
        hasTold = true
        return true
    }
}
