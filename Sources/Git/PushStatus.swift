/// Whether the remote has a commit, as far as the last fetch or push knows.
package enum PushStatus: Equatable, Sendable {
    /// `isTip` is false when the remote branch has moved past the commit.
    case pushed(on: String, isTip: Bool)
    /// `ahead`: how many commits the remote lacks; `nil` where the history here is too short to count them.
    case notPushed(ahead: Int?)
    /// No remote-tracking branch of that name is known here.
    case noRemoteBranch
    case unknown(reason: String)
}
