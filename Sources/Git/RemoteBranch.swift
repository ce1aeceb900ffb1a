/// A remote-tracking branch and the commit it was at when it was last fetched or pushed.
struct RemoteBranch: Equatable, Sendable {
    /// With its remote: `origin/main`.
    let name: String
    let tip: CommitID
}
