package import ControlPlaneTypes

/// What this run has to make live.
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

    /// Whether a revision was built from this commit, or is made of this image; nil when the control plane does not say
    /// (yet) and no upload of ours tells.
    package func isBuilt(in revision: Revision, uploads: UploadIndex.Entries) -> Bool? {
        if let image { return revision.image.map(image.isSame) }
        guard let built = revision.builtCommit(uploads: uploads) else { return nil }
        return CommitName.isSame(built, sha)
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
    /// The image that it is made of, as the control plane answers it; built ones are answered for other sources too.
    package var image: ImageReference? {
        sourceRevisionConfig?.imageURI.flatMap { $0.isEmpty ? nil : ImageReference($0) }
    }

    /// The commit a revision was built from: as the control plane answers it, or, for an uploaded archive, as we
    /// recorded when we uploaded it.
    package func builtCommit(uploads: UploadIndex.Entries) -> String? {
        commitSHA ?? sourceRevisionConfig?.sourceTarballPath.flatMap { uploads[$0] }
    }
}

/// A container image as `--image` names it: `registry/name:tag@sha256:…`.
package struct ImageReference: Sendable, Equatable, CustomStringConvertible {
    private static let digestLengths = ["sha256": 64, "sha512": 128]

    package let text: String
    /// `sha256:…`; nil when a tag alone, which may come to mean another image, names it.
    package let digest: String?

    package init(_ text: String) {
        self.text = text
        digest = text.lastIndex(of: "@").map { text[text.index(after: $0)...].lowercased() }
    }

    package var description: String { text }

    /// What is wrong with it; nil for one that can be pulled.
    package var problem: String? {
        let name = text.prefix { $0 != "@" }
        if name.isEmpty { return "missing name" }
        if text.contains("://") { return "an image has no scheme" }
        guard text.allSatisfy({ $0.isASCII && !$0.isWhitespace && $0 != "#" && $0 != "?" }) else {
            return "invalid characters"
        }
        guard text.contains("@") else { return nil }
        return Self.isDigest(digest ?? "") && text.count(where: { $0 == "@" }) == 1 ? nil : "malformed digest"
    }

    /// Whether both are the same image: with digests these alone tell, else every letter does.
    package func isSame(as other: ImageReference) -> Bool {
        if let digest, let theirs = other.digest { return digest == theirs }
        return text == other.text
    }

    private static func isDigest(_ text: String) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard let algorithm = parts.first, let hex = parts.dropFirst().first, parts.count == 2 else { return false }
        return digestLengths[String(algorithm)] == hex.count && hex.allSatisfy(\.isHexDigit)
    }
}
