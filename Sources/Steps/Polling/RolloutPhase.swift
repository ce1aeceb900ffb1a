package import ControlPlaneTypes

/// What a revision's status says about its end: not yet possible, next, or nothing.
package enum RolloutPhase: Hashable, Sendable {
    /// Up to the end of the build: only a failure can end the wait here.
    case building
    /// From AWAITING_DEPLOY on: DEPLOYED comes next.
    case deploying
    /// INTERRUPTED, UNKNOWN and statuses of newer planes: anything may come next.
    case unclear

    package init(_ status: RevisionStatus) {
        switch status {
        case .creating, .queued, .awaitingBuild, .building: self = .building
        case .awaitingDeploy, .deploying: self = .deploying
        default: self = .unclear
        }
    }
}
