import ControlPlaneTypes

/// The life of a revision, as a table of status and event.
enum RevisionMachine {
    /// - Returns: nil when the event means nothing in that status, such as a build that ends after its interruption.
    static func transition(from status: RevisionStatus, on event: RevisionEvent) -> RevisionTransition? {
        switch (status, event) {
        case (.queued, .turnCame): .to(.awaitingBuild)
        case (.queued, .turnCameForBuiltTree): .to(.awaitingDeploy)
        case (.queued, .superseded), (.awaitingBuild, .superseded): .to(.skipped, .noteSuperseded)

        case (.awaitingBuild, .buildSlotGranted): .to(.building, .build)
        case (.building, .built): RevisionTransition(status: .awaitingDeploy, isBuilt: true)
        case (.building, .buildFailed): .to(.buildFailed, .discardTree)

        case (.awaitingDeploy, .deploySlotGranted): .to(.deploying, .deploy)
        case (.deploying, .deployed): .to(.deployed, .retirePrevious)
        case (.deploying, .deployFailed): .to(.deployFailed)

        case (_, .interrupted) where status.isUnderWay: .to(.interrupted, .noteInterrupted, .cancelWork)

        case (.building, .planeRestarted): .to(.awaitingBuild, .discardTree, .noteRestart)
        case (.deploying, .planeRestarted): .to(.awaitingDeploy, .noteRestart)
        default: nil
        }
    }
}

/// Where an event leads a revision.
struct RevisionTransition: Equatable, Sendable {
    var status: RevisionStatus
    var actions: [RevisionAction] = []
    /// Nil leaves it as it was.
    var isBuilt: Bool?

    static func to(_ status: RevisionStatus, _ actions: RevisionAction...) -> RevisionTransition {
        RevisionTransition(status: status, actions: actions)
    }
}
