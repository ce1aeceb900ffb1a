import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine

/// Follows one revision until it is terminal or the deadline passes. An outage is not final.
struct RevisionWatcher: Sendable {
    /// How long an interrupted revision may take to move on.
    static let interruptedGrace: Duration = .seconds(60)

    enum Result: Sendable {
        case deployed(Revision)
        /// With the last line of its logs that says something.
        case failed(Revision, cause: String?)
        case superseded
        case mismatch(built: String, Revision)
        case interrupted
        case gone(StepFailure)
        /// The deadline passed; the last status read, if any.
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
    /// Whether its logs are recorded as they come.
    var followsLogs = false
    /// Follows the first note of what a long build does; without it there are no such notes.
    var buildLineHint: String?
    /// The revisions that existed before, where it matters whether another deploy came in between.
    var known: Set<RevisionID>?
    /// Shared with the run's other watchers of this control plane.
    var sweep: DeploymentSweep?

    private var clock: any RunClock { context.clock }

    /// Throws what the control plane confirmed again and again as `StepFailure`, and `CancellationError`.
    func watch() async throws -> Result {
        var reader = ResourceReader.revision(revision, of: deployment, client: client, context: context)
        var history = StatusHistory(start: clock.now)
        var reminder = HalfTimeReminder(from: clock.now, to: context.deadline)
        var attention = SharedAttention(self)
        defer { attention.end() }
        var extras = RolloutExtras(self, isShared: attention.isShared)
        if attention.isShared { try await attention.wait(until: nextPoll(after: SharedAttention.commitLook)) }
        while true {
            var status: RevisionStatus?
            switch try await reader.read() {
            case .found(let revision):
                status = revision.status
                if history.add(revision, at: clock.now) { announce(revision) }
                if let result = result(of: revision, history) { return try await extras.finish(result) }
            case .refused(let error): return try await refused(error)
            case .unavailable: break
            }
            if reminder.isHalfOver(at: clock.now) { warnOfHalfTime(history) }
            // Checked after a read, so that a machine that slept reads once before it gives up (row 42).
            if context.isOver { return .timedOut(history.status) }
            let wake = nextPoll(after: reader.pause ?? attention.interval(history))
            if let status { try await extras.read(in: status, until: wake) }
            try await attention.wait(until: wake)
        }
    }

    /// Nil while it is in progress. A known terminal status is judged before anything else is read.
    private func result(of revision: Revision, _ history: StatusHistory) -> Result? {
        switch RevisionAssessment.assess(revision, sha: sha, image: image) {
        case .inProgress: return nil
        case .deployed: return .deployed(revision)
        case .failed: return .failed(revision, cause: nil)
        case .superseded: return .superseded
        case .mismatch(let built): return .mismatch(built: built, revision)
        case .interrupted: return history.timeInStatus(clock.now) >= Self.interruptedGrace ? .interrupted : nil
        case .unknown(let status):
            if history.isNew { context.warn("revision \(revision.id) has an unknown status: \(status)") }
            return nil
        }
    }

    /// A revision that is not found may be gone with its deployment, or alone: one more read tells.
    private func refused(_ error: ControlPlaneError) async throws -> Result {
        let failure = StepFailure.refused(error, waitingFor: "revision \(revision)", in: deployment)
        guard error.kind == .notFound else { throw failure }
        var reader = BestEffortReader.afterVerdict(client: client, clock: clock)
        let deployment = deployment
        let reading = try await reader.read { try await $0.deployment(deployment) }
        if case .failed(let error) = reading, error.kind == .notFound { return .gone(failure) }
        return .gone(
            StepFailure(
                .failed, code: "RevisionGone", "revision \(revision) is gone: \(error.message)",
                hint: "run slipway status to see what is live"))
    }

    /// Records the status of the revision.
    func announce(_ revision: Revision) {
        let commit = revision.builtCommit(uploads: uploads.entries())
        context.record(RevisionSeen(revision.id, role: role, status: revision.status, commitSHA: commit))
    }

    private func warnOfHalfTime(_ history: StatusHistory) {
        let status = history.status?.rawValue ?? "not found yet"
        context.warn(
            "revision \(revision) still \(status) after \(history.timeInStatus(clock.now).brief) "
                + "(half of --timeout)")
    }

    private func nextPoll(after pause: Duration) -> MonotonicInstant {
        let wake = clock.now.advanced(by: pause)
        return context.deadline.map { min($0, wake) } ?? wake
    }
}

/// How a watcher waits between its polls: alone, or with others, which see for it when something moves.
private struct SharedAttention: Sendable {
    private let watcher: RevisionWatcher
    private let place: DeploymentSweep.Place?
    /// The end is near, or somebody else acts: then the watcher polls alone.
    private var hasMoved = false

    init(_ watcher: RevisionWatcher) {
        self.watcher = watcher
        let sweep = watcher.schedule.isFixed ? nil : watcher.sweep
        place = sweep?.join(watcher.deployment, revision: watcher.revision, watcher.context.clock)
    }

    /// When a look tells the commit that is built: that of a wrong one is only seen by polls.
    static let commitLook: Duration = .seconds(20)

    /// Whether the others see when the revision is live.
    var isShared: Bool { !hasMoved && place?.isSwept ?? false }

    func interval(_ history: StatusHistory) -> Duration {
        let (schedule, now) = (watcher.schedule, watcher.context.clock.now)
        guard isShared, history.status?.isInProgress == true,
            let wait = schedule.sweptWait(age: history.start.duration(to: now))
        else { return history.interval(by: schedule, at: now) }
        return watcher.sha == nil || history.commit != nil ? wait : min(wait, Self.commitLook)
    }

    mutating func wait(until wake: MonotonicInstant) async throws {
        guard let place else { return try await watcher.context.clock.sleep(until: wake) }
        if try await place.wait(until: wake) { hasMoved = true }
    }

    func end() { place?.leave() }
}

/// What is read beside the watch of a revision: its logs, and whether another deploy came before it.
private struct RolloutExtras: Sendable {
    private var reader: BestEffortReader
    private var logs: RevisionLogs
    private var check: ConcurrentDeployCheck?

    /// With many watchers a warning is not worth a request each.
    init(_ watcher: RevisionWatcher, isShared: Bool) {
        let (context, deployment, revision) = (watcher.context, watcher.deployment, watcher.revision)
        reader = BestEffortReader(client: watcher.client, clock: context.clock)
        logs = RevisionLogs(
            context, deployment: deployment, revision: revision, isFollowed: watcher.followsLogs,
            buildLineHint: watcher.buildLineHint)
        check =
            isShared
            ? nil
            : watcher.known.map {
                ConcurrentDeployCheck(context, deployment: deployment, revision: revision, known: $0)
            }
    }

    /// Reads between two polls of a revision in this status.
    mutating func read(in status: RevisionStatus, until end: MonotonicInstant) async throws {
        try await check?.run(by: &reader, until: end)
        try await logs.recordNew(in: status, by: &reader, until: end)
        try await logs.noteBuildLine(in: status, by: &reader, until: end)
    }

    /// Reads the end of the logs where that is of use: of a revision that failed, and what is left of followed ones.
    mutating func finish(_ result: RevisionWatcher.Result) async throws -> RevisionWatcher.Result {
        reader.verdictIsKnown()
        guard case .failed(let revision, _) = result else {
            try await logs.recordEnd(of: [], by: &reader)
            return result
        }
        let kinds: [LogQuery.Kind] = revision.status == .buildFailed ? [.build] : [.build, .deploy]
        return .failed(revision, cause: try await logs.recordEnd(of: kinds, by: &reader))
    }
}
