/// Where a deployment's code comes from.
package struct DeploymentSource: RawRepresentable, Hashable, Codable, Sendable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package var description: String { rawValue }

    package static let github = DeploymentSource(rawValue: "github")
    package static let internalSource = DeploymentSource(rawValue: "internal_source")
    package static let internalDocker = DeploymentSource(rawValue: "internal_docker")
    package static let externalDocker = DeploymentSource(rawValue: "external_docker")
    package static let internalTemplate = DeploymentSource(rawValue: "internal_template")
}

/// The source settings of a deployment as a whole; most of them cannot be changed later.
package struct SourceConfig: Codable, Sendable, Equatable {
    package var integrationID: String?
    package var repoURL: String?
    package var deploymentType: String?
    package var buildOnPush: Bool?
    package var customURL: String?
    package var installCommand: String?
    package var buildCommand: String?
    /// In responses only: the branch that the deployment tracks.
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

/// Where in the listener's cluster a deployment runs.
package struct ListenerConfig: Codable, Sendable, Equatable {
    package var namespace: String?

    package init(namespace: String?) { self.namespace = namespace }

    private enum CodingKeys: String, CodingKey {
        case namespace = "k8s_namespace"
    }
}

/// The source of a revision. `repoCommitSHA` is in responses only: the commit that was built.
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
