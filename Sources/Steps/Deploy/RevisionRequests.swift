import ControlPlaneTypes

/// The request bodies that a plan leads to.
extension DeployPlan {
    /// What identifies the change in the intent that the journal holds.
    var facts: [String: String] {
        image.map { ["image": $0] } ?? ["sha": sha]
    }

    func createRequest(_ settings: DeploySettings = DeploySettings()) -> DeploymentCreateRequest {
        var config = SourceConfig()
        config.resourceSpec = settings.resourceSpec.map { .object($0) }
        var revision = SourceRevisionConfig()
        if deploymentSource == .externalDocker {
            // The API requires one for this source; it may be empty.
            config.resourceSpec = config.resourceSpec ?? .object([:])
            config.listenerID = listenerID
            config.listenerConfig = namespace.map { ListenerConfig(namespace: $0) }
            revision.imageURI = image
        } else {
            config.deploymentType = deploymentType
            config.installCommand = installCommand
            config.buildCommand = buildCommand
        }
        if deploymentSource == .github {
            config.integrationID = integrationID
            config.repoURL = repoURL
            // A push must not make revisions beside ours.
            config.buildOnPush = false
            revision.repoRef = ref
            revision.configPath = self.config
        }
        return DeploymentCreateRequest(
            name: deployment, source: deploymentSource, sourceConfig: config, sourceRevisionConfig: revision,
            secrets: settings.secrets.sent ?? [])
    }

    func revisionRequest(tarball: String?, _ settings: DeploySettings = DeploySettings()) -> RevisionRequest {
        let isImage = deploymentSource == .externalDocker
        var revision = SourceRevisionConfig()
        revision.imageURI = isImage ? image : nil
        revision.configPath = isImage ? nil : config
        revision.sourceTarballPath = tarball
        if deploymentSource == .github { revision.repoRef = ref }
        var request = RevisionRequest(sourceRevisionConfig: revision)
        if deploymentSource == .internalSource { request.revisionSource = deploymentSource }
        request.secrets = settings.secrets.sent
        var config = SourceConfig()
        if !isImage {
            config.installCommand = installCommand
            config.buildCommand = buildCommand
        }
        config.resourceSpec = settings.resourceSpec.map { .object($0) }
        if config != SourceConfig() { request.sourceConfig = config }
        return request
    }
}
