/// Whether the remote has a commit, as far as the last fetch or push knows.
package enum Publication: Equatable, Sendable {
    /// `isTip` is false when the remote branch has moved past the commit.
    case published(on: String, isTip: Bool)
    /// `ahead`: how many commits the remote lacks; `nil` where the history here is too short to count them.
    case unpublished(ahead: Int?)
    /// No remote-tracking branch of that name is known here.
    case noRemoteBranch
    case unknown(reason: String)
}
