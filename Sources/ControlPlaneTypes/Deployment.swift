package import Redaction

/// The control plane's id of a deployment (a UUID, as it was written).
package struct DeploymentID: RawRepresentable, Hashable, Codable, Sendable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package init(_ text: String) { rawValue = text }
    package var description: String { rawValue }
}

/// A deployment as the control plane returns it. Fields that older control planes lack are optional.
package struct Deployment: Codable, Sendable, Identifiable {
    package var id: DeploymentID
    package var name: String
    package var source: DeploymentSource
    package var sourceConfig: SourceConfig?
    package var sourceRevisionConfig: SourceRevisionConfig?
    package var secrets: [Secret]?
    package var tenantID: String?
    package var createdAt: Timestamp?
    package var updatedAt: Timestamp?
    package var status: DeploymentStatus
    package var latestRevisionID: RevisionID?
    package var activeRevisionID: RevisionID?
    package var url: String?
    package var displayName: String?

    package init(id: DeploymentID, name: String, source: DeploymentSource, status: DeploymentStatus) {
        self.id = id
        self.name = name
        self.source = source
        self.status = status
    }

    /// The URL of the agent; nil until the first revision is deployed.
    package var servingURL: String? {
        [url, sourceConfig?.customURL].compactMap(\.self).first { !$0.isEmpty }
    }

    private enum CodingKeys: String, CodingKey {
        case id, name, source, secrets, status, url
        case sourceConfig = "source_config"
        case sourceRevisionConfig = "source_revision_config"
        case tenantID = "tenant_id"
        case createdAt = "created_at"
        case updatedAt = "updated_at"
        case latestRevisionID = "latest_revision_id"
        case activeRevisionID = "active_revision_id"
        case displayName = "display_name"
    }
}

/// The state of a deployment as a whole; it does not tell whether a revision is live.
package struct DeploymentStatus: RawRepresentable, Hashable, Codable, Sendable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package var description: String { rawValue }

    package static let awaitingDatabase = DeploymentStatus(rawValue: "AWAITING_DATABASE")
    package static let ready = DeploymentStatus(rawValue: "READY")
    package static let unused = DeploymentStatus(rawValue: "UNUSED")
    package static let awaitingDelete = DeploymentStatus(rawValue: "AWAITING_DELETE")
    package static let awaitingFinalDelete = DeploymentStatus(rawValue: "AWAITING_FINAL_DELETE")
    package static let unknown = DeploymentStatus(rawValue: "UNKNOWN")

    /// A deployment that is being deleted can still be read and holds its name.
    package var isBeingDeleted: Bool {
        self == .awaitingDelete || self == .awaitingFinalDelete
    }
}

/// An environment variable of a deployment.
package struct Secret: Hashable, Codable, Sendable {
    package var name: String
    package var value: SecretValue

    package init(name: String, value: SecretValue) {
        self.name = name
        self.value = value
    }

    /// A control plane that does not return values may leave them out.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        value = try container.decodeIfPresent(SecretValue.self, forKey: .value) ?? SecretValue("")
    }
}

/// The body of `POST /v2/deployments`. Nil values are left out, never sent as null.
package struct DeploymentCreateRequest: Codable, Sendable {
    package var name: String
    package var source: DeploymentSource
    package var sourceConfig: SourceConfig
    package var sourceRevisionConfig: SourceRevisionConfig
    /// Required for every source; may be empty.
    package var secrets: [Secret]

    package init(
        name: String, source: DeploymentSource, sourceConfig: SourceConfig,
        sourceRevisionConfig: SourceRevisionConfig, secrets: [Secret]
    ) {
        self.name = name
        self.source = source
        self.sourceConfig = sourceConfig
        self.sourceRevisionConfig = sourceRevisionConfig
        self.secrets = secrets
    }

    private enum CodingKeys: String, CodingKey {
        case name, source, secrets
        case sourceConfig = "source_config"
        case sourceRevisionConfig = "source_revision_config"
    }
}
