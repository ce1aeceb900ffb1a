/// What happens to a revision.
enum RevisionEvent: Equatable, Sendable, CaseIterable {
    /// Nothing else of its deployment is under way.
    case turnCame
    /// The same, and what is to run was built before.
    case turnCameForBuiltTree
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
    case planeRestarted
}
