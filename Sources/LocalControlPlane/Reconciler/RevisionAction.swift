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
    case noteSuperseded
    case noteInterrupted
    case noteRestart
}
