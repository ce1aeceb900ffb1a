package import ControlPlaneTypes

/// What one read of a revision means: a pure decision.
package enum RevisionAssessment: Sendable, Equatable {
    case inProgress
    case deployed
    case failed(RevisionStatus)
    case superseded
    /// The control plane builds or built another commit than ours, or runs another image.
    case mismatch(built: String)
    /// Not terminal, but it seldom continues: it gets a short deadline.
    case interrupted
    /// A status this version does not know.
    case unknown(RevisionStatus)

    /// `sha` is the commit it has to be; nil when the control plane cannot say (an uploaded archive). `image` is what
    /// it has to be made of instead.
    package static func assess(
        _ revision: Revision, sha: String?, image: ImageReference? = nil
    ) -> RevisionAssessment {
        if let image, let made = revision.image, !image.isSame(as: made) { return .mismatch(built: made.text) }
        if let sha, let built = revision.commitSHA, !CommitName.isSame(built, sha) { return .mismatch(built: built) }
        return switch revision.status {
        case .deployed: .deployed
        case .skipped: .superseded
        case .interrupted: .interrupted
        case let status where status.isFailure: .failed(status)
        case let status where status.isInProgress: .inProgress
        case let status: .unknown(status)
        }
    }
}
