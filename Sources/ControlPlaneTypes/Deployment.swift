/// A deployment as the control plane answers it. Fields newer than the oldest plane in use are optional.
package struct Deployment: Codable, Sendable {
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

    /// Where the agent answers; empty until its first revision is deployed.
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

/// What belongs to the deployment as a whole; most of it cannot be changed later.
package struct SourceConfig: Codable, Sendable, Equatable {
    package var integrationID: String?
    package var repoURL: String?
    package var deploymentType: String?
    package var buildOnPush: Bool?
    package var customURL: String?
    package var installCommand: String?
    package var buildCommand: String?
    /// Only ever answered: the branch that the deployment tracks.
    package var repoBranch: String?
    package var resourceSpec: JSONValue?
    package var listenerID: String?
    package var listenerConfig: ListenerConfig?

    package init() {}

    private enum CodingKeys: String, CodingKey {
        case integrationID = "integration_id"
        case repoURL = "repo_url"
        case deploymentType = "deployment_type"
        case buildOnPush = "build_on_push"
        case customURL = "custom_url"
        case installCommand = "install_command"
        case buildCommand = "build_command"
        case repoBranch = "repo_branch"
        case resourceSpec = "resource_spec"
        case listenerID = "listener_id"
        case listenerConfig = "listener_config"
    }
}

/// Where in its listener's cluster a deployment of an image runs.
package struct ListenerConfig: Codable, Sendable, Equatable {
    package var namespace: String?

    package init(namespace: String?) { self.namespace = namespace }

    private enum CodingKeys: String, CodingKey {
        case namespace = "k8s_namespace"
    }
}

/// What a revision is made of. `repoCommitSHA` is only ever answered: it names the commit that was built.
package struct SourceRevisionConfig: Codable, Sendable, Equatable {
    package var repoRef: String?
    package var configPath: String?
    package var imageURI: String?
    package var sourceTarballPath: String?
    package var repoCommitSHA: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
        case repoRef = "repo_ref"
        case configPath = "langgraph_config_path"
        case imageURI = "image_uri"
        case sourceTarballPath = "source_tarball_path"
        case repoCommitSHA = "repo_commit_sha"
    }
}
