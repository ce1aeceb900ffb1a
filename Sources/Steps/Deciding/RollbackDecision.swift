package import ControlPlaneTypes

/// Whether to go back, and to what: a pure decision.
package enum RollbackDecision: Sendable, Equatable {
    case redeploy(RevisionID)
    case leave(reason: String)

    /// Why a deploy is being undone.
    package enum Cause: String, Sendable, CaseIterable {
        case failed
        case mismatch
        case notServing = "not-serving"
        case smokeFailed = "smoke-failed"
        case timeout
    }

    /// What is known when the deploy has failed.
    package struct Situation: Sendable {
        package var ours: RevisionID?
        /// What served before the run changed anything.
        package var previous: RevisionID?
        package var activeNow: RevisionID?
        /// Revisions newer than ours that somebody else has under way.
        package var newerUnderWay: [RevisionID]

        package init(
            ours: RevisionID?, previous: RevisionID?, activeNow: RevisionID?, newerUnderWay: [RevisionID] = []
        ) {
            self.ours = ours
            self.previous = previous
            self.activeNow = activeNow
            self.newerUnderWay = newerUnderWay
        }
    }

    package static func decide(_ situation: Situation) -> RollbackDecision {
        if let newer = situation.newerUnderWay.first {
            return .leave(reason: "revision \(newer) of somebody else is under way and will take over")
        }
        if let active = situation.activeNow, active != situation.previous, active != situation.ours {
            return .leave(reason: "revision \(active) of somebody else went live meanwhile")
        }
        guard let previous = situation.previous else {
            return .leave(reason: "no revision served before this one, so there is none to go back to")
        }
        return .redeploy(previous)
    }
}
