package import ControlPlaneTypes

/// Whether to roll back, and to what: a pure decision.
package enum RollbackDecision: Sendable, Equatable {
    case redeploy(RevisionID)
    case leave(reason: String)

    /// What is known when the deploy has failed.
    package struct Situation: Sendable {
        package var ours: RevisionID?
        /// What was live before the run changed anything.
        package var previous: RevisionID?
        package var activeNow: RevisionID?
        /// Newer revisions of other deploys that are in progress.
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
            return .leave(reason: "revision \(newer) of another deploy is in progress and will replace it")
        }
        if let active = situation.activeNow, active != situation.previous, active != situation.ours {
            return .leave(reason: "revision \(active) of another deploy went live meanwhile")
        }
        guard let previous = situation.previous else {
            return .leave(reason: "no revision was live before this one, so there is none to roll back to")
        }
        return .redeploy(previous)
    }
}
