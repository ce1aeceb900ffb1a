package import ControlPlaneTypes

/// What this run wants to be live.
package struct DesiredRevision: Sendable, Equatable {
    /// 40 or 64 hex digits; empty when an image is deployed outside of a repository.
    package var sha: String
    /// As the API has it: a branch's name, or `refs/tags/…`; nil for sources that take no ref.
    package var repoRef: String?
    package var configPath: String
    package var source: DeploymentSource?
    package var repoURL: String?
    /// What is deployed instead of a commit, from the source external_docker.
    package var image: ImageReference?
    /// What was asked for; nil counts for nothing.
    var listener: ListenerChoice?
    /// Whether secrets or resources have to be set too, so that a revision of the same code is not enough.
    package var changesSettings = false

    package init(
        sha: String, repoRef: String?, configPath: String, source: DeploymentSource? = nil, repoURL: String? = nil,
        image: ImageReference? = nil
    ) {
        self.sha = sha.lowercased()
        self.repoRef = repoRef
        self.configPath = configPath
        self.source = source
        self.repoURL = repoURL
        self.image = image
    }

    /// What it is called in messages.
    package var subject: String { image.map { "image \($0)" } ?? "commit \(sha.prefix(12))" }

    /// Whether a revision was built from this commit, or is made of this image; nil when the plane does not say (yet)
    /// and no upload of ours tells.
    package func isBuilt(in revision: Revision, uploads: UploadIndex.Entries) -> Bool? {
        if let image { return revision.image.map(image.isSame) }
        guard let built = revision.builtCommit(uploads: uploads) else { return nil }
        return built == sha
    }

    /// Whether a revision is all that is wanted: of this commit and configuration, or of this very image.
    func isMade(by revision: Revision, uploads: UploadIndex.Entries) -> Bool {
        // A tag may have moved since.
        guard !changesSettings, image == nil || image?.digest != nil else { return false }
        let path = revision.sourceRevisionConfig?.configPath
        return isBuilt(in: revision, uploads: uploads) == true && (path == nil || path == configPath)
    }
}

extension Revision {
    /// The image that it is made of, as the plane answers it; built ones are answered for other sources too.
    package var image: ImageReference? {
        sourceRevisionConfig?.imageURI.flatMap { $0.isEmpty ? nil : ImageReference($0) }
    }

    /// The commit a revision was built from: as the plane answers it, or, for an uploaded archive, as we recorded
    /// when we uploaded it.
    package func builtCommit(uploads: UploadIndex.Entries) -> String? {
        commitSHA ?? sourceRevisionConfig?.sourceTarballPath.flatMap { uploads[$0] }
    }
}
