import ControlPlaneTypes

/// The life of a revision, as a table of status and event.
enum RevisionStateMachine {
    /// - Returns: nil when the event means nothing in that status, such as a build that ends after its interruption.
    static func transition(from status: RevisionStatus, on event: RevisionEvent) -> RevisionTransition? {
        switch (status, event) {
        case (.queued, .unblocked): .to(.awaitingBuild)
        case (.queued, .unblockedWithBuild): .to(.awaitingDeploy)
        case (.queued, .superseded), (.awaitingBuild, .superseded): .to(.skipped, .logSuperseded)

        case (.awaitingBuild, .buildSlotGranted): .to(.building, .build)
        case (.building, .built): RevisionTransition(status: .awaitingDeploy, isBuilt: true)
        case (.building, .buildFailed): .to(.buildFailed, .discardTree)

        case (.awaitingDeploy, .deploySlotGranted): .to(.deploying, .deploy)
        case (.deploying, .deployed): .to(.deployed, .retirePrevious)
        case (.deploying, .deployFailed): .to(.deployFailed)

        case (_, .interrupted) where status.isUnderWay: .to(.interrupted, .logInterrupted, .cancelWork)

        case (.building, .serverRestarted): .to(.awaitingBuild, .discardTree, .logRestart)
        case (.deploying, .serverRestarted): .to(.awaitingDeploy, .logRestart)
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

/// What happens to a revision.
enum RevisionEvent: Equatable, Sendable, CaseIterable {
    /// Nothing else of its deployment is under way.
    case unblocked
    /// The same, and what is to run was built before.
    case unblockedWithBuild
    case buildSlotGranted
    case built
    case buildFailed
    case deploySlotGranted
    /// The agent answers, and its deployment's requests go to it.
    case deployed
    case deployFailed
    /// A newer revision of the deployment waits.
    case superseded
    case interrupted
    /// The control plane that worked on it is gone.
    case serverRestarted
}

/// What is to be done because a revision changed its status.
enum RevisionAction: Equatable, Sendable {
    case build
    case deploy
    /// Let the previously live agent finish its requests, then stop it.
    case retirePrevious
    /// Remove what is half built.
    case discardTree
    case cancelWork
    /// Say in the revision's log that a newer one took its place.
    case logSuperseded
    case logInterrupted
    case logRestart
}
