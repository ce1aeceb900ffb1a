/// One version of a deployment's code. Older revisions keep DEPLOYED for ever: what is live is the deployment's
/// `activeRevisionID`.
package struct Revision: Codable, Sendable {
    package var id: RevisionID
    package var status: RevisionStatus
    package var source: DeploymentSource?
    package var sourceRevisionConfig: SourceRevisionConfig?
    package var createdAt: Timestamp?
    package var updatedAt: Timestamp?

    package init(id: RevisionID, status: RevisionStatus) {
        self.id = id
        self.status = status
    }

    /// The commit that was built, in lower-case hex, once the plane knows it.
    package var commitSHA: String? {
        sourceRevisionConfig?.repoCommitSHA.flatMap { $0.isEmpty ? nil : $0.lowercased() }
    }

    private enum CodingKeys: String, CodingKey {
        case id, status, source
        case sourceRevisionConfig = "source_revision_config"
        case createdAt = "created_at"
        case updatedAt = "updated_at"
    }
}
