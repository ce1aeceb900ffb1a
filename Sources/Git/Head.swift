/// Where HEAD stands.
package struct Head: Equatable, Sendable {
    package let commit: CommitID
    /// The bare name of the checked-out branch; `nil` when HEAD is detached.
    package let branch: String?
    /// Bare names of the tags, annotated or not, that point at the commit, in byte order.
    package let tags: [String]

    package var isDetached: Bool { branch == nil }

    package init(commit: CommitID, branch: String?, tags: [String] = []) {
        self.commit = commit
        self.branch = branch
        self.tags = tags
    }
}
