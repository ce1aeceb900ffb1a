package import ControlPlaneTypes

/// What this run wants to be live.
package struct WantedDeploy: Sendable, Equatable {
    /// 40 or 64 hex digits.
    package var sha: String
    /// As the API has it: a branch's name, or `refs/tags/…`; nil for sources that take no ref.
    package var repoRef: String?
    package var configPath: String
    package var source: DeploymentSource?
    package var repoURL: String?

    package init(
        sha: String, repoRef: String?, configPath: String, source: DeploymentSource? = nil, repoURL: String? = nil
    ) {
        self.sha = sha.lowercased()
        self.repoRef = repoRef
        self.configPath = configPath
        self.source = source
        self.repoURL = repoURL
    }

    /// Whether a revision was built from this commit; nil when the plane does not say (yet) and no upload of ours
    /// tells.
    package func isBuilt(in revision: Revision, uploads: UploadLedger.Entries) -> Bool? {
        guard let built = revision.builtCommit(uploads: uploads) else { return nil }
        return built == sha
    }

    /// Whether a revision is of this commit and configuration.
    func isMade(by revision: Revision, uploads: UploadLedger.Entries) -> Bool {
        let path = revision.sourceRevisionConfig?.configPath
        return isBuilt(in: revision, uploads: uploads) == true && (path == nil || path == configPath)
    }
}

extension Revision {
    /// The commit a revision was built from: as the plane answers it, or, for an uploaded archive, as we recorded
    /// when we uploaded it.
    package func builtCommit(uploads: UploadLedger.Entries) -> String? {
        commitSHA ?? sourceRevisionConfig?.sourceTarballPath.flatMap { uploads[$0] }
    }
}
