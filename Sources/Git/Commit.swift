package import FoundationEssentials

/// Who made a commit, when, and what they called it.
package struct Commit: Equatable, Sendable {
    package let id: CommitID
    package let authorName: String
    package let authorEmail: String
    /// The first paragraph of the message on one line.
    package let subject: String
    package let committedAt: Date
}
