package import Clocks
package import ControlPlaneTypes

/// A revision of a `ModelDeployment`; its status is a pure function of time once it has started.
package struct ModelRevision: Sendable {
    package let id: RevisionID
    package var ref: String?
    package var configPath: String?
    package var tarball: String?
    package var image: String?
    /// Created by another actor.
    package var isForeign = false
    /// Created by a redeploy.
    package internal(set) var isRedeploy = false
    /// The commit that is built; reported from BUILDING on.
    package var commit: String?
    package let createdAt: MonotonicInstant
    /// When it last began to wait for the deployment's one slot.
    package var queuedAt: MonotonicInstant
    package var rollout: ModelRollout
    /// When it got the slot; nil while it waits.
    package var startedAt: MonotonicInstant?
    /// Set when it was skipped or interrupted.
    package var stopped: (at: MonotonicInstant, status: RevisionStatus)?

    package init(id: RevisionID, commit: String?, rollout: ModelRollout, createdAt: MonotonicInstant) {
        self.id = id
        self.commit = commit
        self.rollout = rollout
        self.createdAt = createdAt
        queuedAt = createdAt
    }

    package func status(at now: MonotonicInstant) -> RevisionStatus {
        if let stopped, stopped.at <= now { return stopped.status }
        guard let startedAt, startedAt <= now else { return .queued }
        return rollout.status(after: startedAt.duration(to: now))
    }

    /// When it frees the slot; nil while it has none, or when it never ends.
    package var endsAt: MonotonicInstant? {
        if let stopped { return stopped.at }
        guard let startedAt, let duration = rollout.duration else { return nil }
        return startedAt.advanced(by: duration)
    }

    var isWaiting: Bool { startedAt == nil && stopped == nil }

    /// When its status last changed.
    func updatedAt(_ now: MonotonicInstant) -> MonotonicInstant {
        if let endsAt, endsAt <= now { return endsAt }
        guard var change = startedAt else { return queuedAt }
        for phase in rollout.phases {
            let next = change.advanced(by: phase.duration)
            if next > now { break }
            change = next
        }
        return change
    }

    /// The plane learns the commit when it fetches the code.
    func knownCommit(at now: MonotonicInstant) -> String? {
        guard rollout.reportsCommit, tarball == nil else { return nil }
        let status = status(at: now)
        let isTooEarly = [.creating, .queued, .awaitingBuild, .createFailed, .skipped].contains(status)
        return isTooEarly ? nil : commit
    }
}

/// The rollout of a model's revision: the time in each status, the final status, and deviations from the usual.
package struct ModelRollout: Sendable {
    package struct Phase: Sendable {
        package var status: RevisionStatus
        package var duration: Duration

        package init(_ status: RevisionStatus, _ duration: Duration) {
            self.status = status
            self.duration = duration
        }
    }

    package var phases: [Phase]
    /// Nil: it never leaves the last phase.
    package var ending: RevisionStatus?
    /// Whether the deployment names it active once it is DEPLOYED.
    package var goesLive = true
    /// The commit that is built instead of that of the ref.
    package var commit: String?
    /// The image that runs instead of that of a redeployed revision.
    package var image: String?
    /// Whether the plane reports the commit that it built.
    package var reportsCommit = true
    /// What the agent answers to every request, once it serves.
    package var agentStatus = 200
    package var buildLog = ["collecting packages", "build done"]
    package var deployLog = ["starting", "ready"]

    package init(_ phases: [Phase], ending: RevisionStatus?) {
        self.phases = phases
        self.ending = ending
    }

    /// Nil when it never ends.
    package var duration: Duration? {
        ending == nil ? nil : phases.reduce(.zero) { $0 + $1.duration }
    }

    /// The status this long after the start.
    package func status(after elapsed: Duration) -> RevisionStatus {
        var rest = elapsed
        for phase in phases {
            if rest < phase.duration { return phase.status }
            rest -= phase.duration
        }
        return ending ?? phases.last?.status ?? .creating
    }

    /// Changes a copy: `.deployed.with { $0.goesLive = false }`.
    package func with(_ change: (inout ModelRollout) -> Void) -> ModelRollout {
        var copy = self
        change(&copy)
        return copy
    }

    /// A minute and a half to DEPLOYED.
    package static let deployed = ModelRollout(building + deploying, ending: .deployed)
    package static let createFailed = ModelRollout([Phase(.creating, .seconds(2))], ending: .createFailed)
    package static let buildFailed = ModelRollout(building, ending: .buildFailed).with {
        $0.buildLog = [
            "collecting packages", "error: no matching distribution found for frobnicate", "hint: try harder",
        ]
    }
    package static let deployFailed = ModelRollout(building + deploying, ending: .deployFailed).with {
        $0.deployLog = ["starting", "ImportError: cannot import name 'graph'", ""]
    }
    package static let interrupted = ModelRollout(building, ending: .interrupted)
    package static let stuck = ModelRollout(building + [Phase(.deploying, .seconds(1))], ending: nil)

    /// An unknown status in the middle, then DEPLOYED.
    package static let unknownStatus = ModelRollout(
        building + [Phase(RevisionStatus(rawValue: "CANARY_ANALYSIS"), .seconds(40))] + deploying, ending: .deployed)

    /// As `unknownStatus`, with the status the API itself calls unknown.
    package static let unknown = ModelRollout(
        building + [Phase(.unknown, .seconds(300))] + deploying, ending: .deployed)
    /// It is live, but its status never says so.
    package static let unknownEnding = ModelRollout(building + deploying, ending: .unknown)
    /// A second to DEPLOYED.
    package static let quick = ModelRollout([Phase(.deploying, .seconds(1))], ending: .deployed)
    package static let quickFailure = ModelRollout([Phase(.building, .seconds(1))], ending: .buildFailed)

    private static let building = [
        Phase(.creating, .seconds(1)), Phase(.queued, .seconds(2)), Phase(.awaitingBuild, .seconds(3)),
        Phase(.building, .seconds(60)),
    ]
    private static let deploying = [Phase(.awaitingDeploy, .seconds(4)), Phase(.deploying, .seconds(20))]
}
