package import Engine

/// What a run did to one deployment, and what serves there.
package struct RolloutSummary: Sendable, Equatable {
    package internal(set) var commit: CommitRead?
    /// Nil until one is known, as while a commit is read.
    package internal(set) var deployment: DeploymentSeen?
    /// In the order they were first seen.
    package internal(set) var revisions: [RevisionSummary] = []
    package internal(set) var rollback: RollbackSeen?
    /// Whether a change was about to be asked for; it may have been made though nothing more is known of it.
    package internal(set) var hasIntendedChange = false
    /// The revision that serves, as last seen.
    package internal(set) var liveRevisionID: String?
    /// The jobs that told of it, in the order they did.
    package internal(set) var jobs: [String] = []
}

extension RolloutSummary {
    /// The revision this run deploys; the newest where there were several.
    package var revision: RevisionSummary? { revisions.last { $0.role == .ours } }

    /// The revision that brings the old commit back.
    package var rollbackRevision: RevisionSummary? { revisions.last { $0.role == .rollback } }

    package var previousRevisionID: String? { deployment?.previousRevisionID }

    /// The commit of the revision that serves, where the run learned it.
    package var liveCommitSHA: String? {
        guard let liveRevisionID else { return nil }
        if let sha = revisions.last(where: { $0.id == liveRevisionID })?.commitSHA { return sha }
        // One that this run did not watch, as where it failed before it changed anything.
        return deployment?.activeRevisionID == liveRevisionID ? deployment?.activeCommitSHA : nil
    }

    /// Whether the run is known to have made a revision, seen one come up, or gone back to one; a revision that was
    /// live before it changes nothing.
    package var hasChanged: Bool {
        rollback?.attempted == true
            || revisions.contains { hasIntendedChange || $0.timeline.first?.status != "DEPLOYED" }
    }

    /// Whether the revision of this run serves, or served already.
    package var isLive: Bool {
        guard rollback?.attempted != true, let liveRevisionID else { return false }
        return revision.map { $0.id == liveRevisionID && $0.status == "DEPLOYED" } ?? false
    }
}
