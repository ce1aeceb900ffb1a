import ControlPlaneTypes

/// The lifecycle of a revision, as a table of status and event.
enum RevisionStateMachine {
    /// - Returns: nil when the event does not apply in that status, such as a build that ends after its interruption.
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

        case (_, .interrupted) where status.isInProgress: .to(.interrupted, .logInterrupted, .cancelWork)

        case (.building, .serverRestarted): .to(.awaitingBuild, .discardTree, .logRestart)
        case (.deploying, .serverRestarted): .to(.awaitingDeploy, .logRestart)
        default: nil
        }
    }
}

/// The new status of a revision and the actions that follow.
struct RevisionTransition: Equatable, Sendable {
    var status: RevisionStatus
    var actions: [RevisionAction] = []
    /// Nil leaves it unchanged.
    var isBuilt: Bool?

    static func to(_ status: RevisionStatus, _ actions: RevisionAction...) -> RevisionTransition {
        RevisionTransition(status: status, actions: actions)
    }
}

/// Something that happens to a revision.
enum RevisionEvent: Equatable, Sendable, CaseIterable {
    /// No other revision of the deployment is in progress.
    case unblocked
    /// The same, for a revision whose tree is already built.
    case unblockedWithBuild
    case buildSlotGranted
    case built
    case buildFailed
    case deploySlotGranted
    /// The agent is ready and receives the deployment's requests.
    case deployed
    case deployFailed
    /// A newer revision of the deployment is queued.
    case superseded
    case interrupted
    /// The control plane that worked on it was restarted.
    case serverRestarted
}

/// Something to do after a revision changed its status.
enum RevisionAction: Equatable, Sendable {
    case build
    case deploy
    /// Let the previous live agent finish its requests, then stop it.
    case retirePrevious
    /// Remove the incomplete build.
    case discardTree
    case cancelWork
    /// Write to the revision's log that a newer one replaced it.
    case logSuperseded
    case logInterrupted
    case logRestart
}
