package import ControlPlaneTypes

/// The way of a model's revision: how long it stays in each status, where it ends, and what is odd about it.
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
    /// Nil: it stays in the last phase for ever.
    package var ending: RevisionStatus?
    /// Whether the deployment names it active once it is DEPLOYED.
    package var goesLive = true
    /// What is built instead of the commit its ref stands for.
    package var commit: String?
    /// Whether the plane ever says which commit it built.
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

    /// Which status it has this long after it began.
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

    /// In a status that no client knows, then DEPLOYED.
    package static let unknownStatus = ModelRollout(
        building + [Phase(RevisionStatus(rawValue: "CANARY_ANALYSIS"), .seconds(40))] + deploying, ending: .deployed)

    private static let building = [
        Phase(.creating, .seconds(1)), Phase(.queued, .seconds(2)), Phase(.awaitingBuild, .seconds(3)),
        Phase(.building, .seconds(60)),
    ]
    private static let deploying = [Phase(.awaitingDeploy, .seconds(4)), Phase(.deploying, .seconds(20))]
}
