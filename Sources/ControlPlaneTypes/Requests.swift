/// The body of `POST /v2/deployments`. Absent values are left out, never sent as null.
package struct DeploymentCreateRequest: Codable, Sendable {
    package var name: String
    package var source: DeploymentSource
    package var sourceConfig: SourceConfig
    package var sourceRevisionConfig: SourceRevisionConfig
    /// Required by the service for every source; empty is fine.
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

/// The body of `POST /v2/deployments/{id}/revisions` and, on older planes, of `PATCH /v2/deployments/{id}`.
package struct RevisionRequest: Codable, Sendable {
    package var revisionSource: DeploymentSource?
    package var sourceConfig: SourceConfig?
    package var sourceRevisionConfig: SourceRevisionConfig
    /// Nil carries the current secrets over; a list replaces the whole set.
    package var secrets: [Secret]?

    package init(sourceRevisionConfig: SourceRevisionConfig) {
        self.sourceRevisionConfig = sourceRevisionConfig
    }

    private enum CodingKeys: String, CodingKey {
        case secrets
        case revisionSource = "revision_source"
        case sourceConfig = "source_config"
        case sourceRevisionConfig = "source_revision_config"
    }
}

package struct UploadURLRequest: Codable, Sendable {
    package var supportsUploadHeaders = true

    package init() {}

    private enum CodingKeys: String, CodingKey {
        case supportsUploadHeaders = "supports_upload_headers"
    }
}

/// Where a source archive goes and the name to send back afterwards.
package struct UploadTarget: Codable, Sendable {
    package var uploadURL: String
    package var objectPath: String
    package var uploadHeaders: [String: String]?

    package init(uploadURL: String, objectPath: String, uploadHeaders: [String: String]?) {
        self.uploadURL = uploadURL
        self.objectPath = objectPath
        self.uploadHeaders = uploadHeaders
    }

    private enum CodingKeys: String, CodingKey {
        case uploadURL = "upload_url"
        case objectPath = "object_path"
        case uploadHeaders = "upload_headers"
    }
}
