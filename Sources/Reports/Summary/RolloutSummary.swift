package import ControlPlaneTypes
package import Engine
package import FoundationEssentials

/// What a run did to one deployment, and what is live there.
package struct RolloutSummary: Sendable, Equatable {
    package internal(set) var commit: CommitRead?
    /// Nil until it is known.
    package internal(set) var deployment: DeploymentSeen?
    /// The commit that was live before this run changed anything; nil if unknown.
    package internal(set) var previousCommitSHA: String?
    /// In the order they were first seen.
    package internal(set) var revisions: [RevisionSummary] = []
    package internal(set) var rollback: RollbackSeen?
    /// How many changes were about to be requested, without those that were refused.
    var intendedChanges = 0
    /// The live revision, as last seen.
    package internal(set) var liveRevisionID: String?
    /// The jobs that worked on it, in the order of their first events.
    package internal(set) var jobs: [String] = []
    /// How the run ended for it; nil while a job has not finished.
    package internal(set) var outcome: Outcome?
}

extension RolloutSummary {
    /// The revision this run deploys; the newest where there were several.
    package var revision: RevisionSummary? { revisions.last { $0.role == .ours } }

    /// The revision that the rollback created.
    package var rollbackRevision: RevisionSummary? { revisions.last { $0.role == .rollback } }

    /// The revision this run created or followed: a rollback by hand has none but the one that it created.
    package var resultingRevisionID: String? { revision?.id ?? rollbackRevision?.id ?? rollback?.revisionID }

    package var previousRevisionID: String? { deployment?.previousRevisionID }

    /// The commit of the live revision, where it is known.
    package var liveCommitSHA: String? {
        guard let liveRevisionID else { return nil }
        if let sha = revisions.last(where: { $0.id == liveRevisionID })?.commitSHA { return sha }
        // A revision that this run did not follow, as when it failed before it changed anything.
        return deployment?.activeRevisionID == liveRevisionID ? deployment?.activeCommitSHA : nil
    }

    /// What stands for the live revision where none is known: the first revision of a deployment may have failed.
    var withoutLiveRevision: String {
        let hasFailed = revision.map { $0.isTerminal && $0.status != .deployed } ?? false
        return hasFailed && deployment != nil && previousRevisionID == nil ? "nothing" : "unknown"
    }

    /// The live commit before and after a rollback by hand, which may also go to a newer one.
    package var commitChange: (from: String, to: String)? {
        guard revision == nil, rollback?.result == .success, let before = previousCommitSHA, let now = liveCommitSHA,
            before != now
        else { return nil }
        return (String(before.prefix(7)), String(now.prefix(7)))
    }

    /// Whether a change was about to be requested; it may have taken effect though nothing more is known of it.
    package var hasIntendedChange: Bool { intendedChanges > 0 }

    /// Whether the run created a revision, followed one to a status, or rolled back to one; a revision that was live
    /// before does not count.
    package var hasChanged: Bool {
        hasRequestedRollback
            || revisions.contains { hasIntendedChange || $0.timeline.first?.status != .deployed }
    }

    /// Whether a redeploy was requested and not refused.
    private var hasRequestedRollback: Bool {
        guard let rollback, rollback.attempted else { return false }
        return hasIntendedChange || rollback.revisionID != nil
    }

    /// Whether the revision of this run is live.
    package var isLive: Bool {
        guard rollback?.attempted != true, let liveRevisionID else { return false }
        return revision.map { $0.id == liveRevisionID && $0.status == .deployed } ?? false
    }
}

/// One revision and its statuses, as the run saw them.
package struct RevisionSummary: Sendable, Equatable {
    package struct StatusPeriod: Sendable, Equatable {
        package var status: RevisionStatus
        package var enteredAt: Date
        /// Until the next status, or until the last event.
        package var duration: Duration
        /// The step that was running when the status was first seen.
        package var seenBy: StepAddress?
    }

    package let id: String
    package let role: RevisionSeen.Role
    package var commitSHA: String?
    /// Empty for a revision that was created and not read since.
    package var timeline: [StatusPeriod]

    /// The status last seen.
    package var status: RevisionStatus? { timeline.last?.status }

    /// The status last seen lasted up to `date`.
    mutating func closeTimeline(at date: Date) {
        guard let last = timeline.indices.last else { return }
        timeline[last].duration = timeline[last].enteredAt.duration(to: date)
    }
}

/// The three phases that every revision goes through.
package enum DeployPhase: String, CaseIterable, Sendable {
    case queue, build, deploy

    /// Nil for a status that belongs to no phase.
    init?(_ status: RevisionStatus) {
        switch status {
        case .creating, .queued, .awaitingBuild, .createFailed: self = .queue
        case .building, .buildFailed: self = .build
        case .awaitingDeploy, .deploying, .deployFailed: self = .deploy
        default: return nil
        }
    }
}

/// How long a revision was in a phase, and how that ended.
package struct PhaseSummary: Sendable, Equatable {
    package var phase: DeployPhase
    package var duration: Duration
    /// `skip` for a phase never seen, nil for one that did not end.
    package var result: Outcome?
}

extension RevisionSummary {
    /// Whether the control plane will not change the revision's status any more.
    package var isTerminal: Bool { status?.isTerminal == true }

    /// All phases in order, whether seen or not.
    package var phases: [PhaseSummary] {
        var times: [DeployPhase: Duration] = [:]
        for period in phasePeriods { times[period.phase, default: .zero] += period.duration }
        let current = phasePeriods.last?.phase
        return DeployPhase.allCases.map { phase in
            guard let time = times[phase] else { return PhaseSummary(phase: phase, duration: .zero, result: .skip) }
            return PhaseSummary(phase: phase, duration: time, result: phase == current ? result : .success)
        }
    }

    /// A stretch of time that a revision spent in a phase.
    struct PhasePeriod {
        var phase: DeployPhase
        var start: Date
        var duration: Duration
    }

    /// The timeline by phases, in order.
    var phasePeriods: [PhasePeriod] {
        var current: DeployPhase?
        return timeline.compactMap { period in
            current = DeployPhase(period.status) ?? current
            return current.map {
                PhasePeriod(phase: $0, start: period.enteredAt, duration: isEnd(period) ? .zero : period.duration)
            }
        }
    }

    /// Time after the terminal status belongs to no phase.
    private func isEnd(_ period: StatusPeriod) -> Bool {
        isTerminal && period == timeline.last
    }

    private var result: Outcome? {
        if status == .deployed { return .success }
        return isTerminal ? .failure : nil
    }
}
