/// What a revision that somebody typed stands for.
package struct ResolvedCommit: Equatable, Sendable {
    /// As typed.
    package let text: String
    package let commit: CommitID
    /// The branch or tag it names; `nil` for an id, `HEAD~2` and the like.
    package let reference: GitReference?

    package init(text: String, commit: CommitID, reference: GitReference?) {
        self.text = text
        self.commit = commit
        self.reference = reference
    }
}
