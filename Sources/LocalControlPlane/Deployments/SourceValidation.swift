import ControlPlaneTypes

/// Checks that a source is supported here and has its required fields.
enum SourceValidation {
    /// - Throws: `APIProblem` (400) for the first field that is missing or not allowed.
    static func check(_ new: NewDeployment, listeners: [ListenerRecord]) throws {
        try SecretRules.check(new.secrets)
        if new.source == .externalDocker || new.source == .internalDocker {
            try ImageSourceValidation(listeners: listeners).check(new)
        }
        try checkAvailable(new.source)
        if new.hasSecretReferences { throw noSecretReferences }
        guard new.source == .github else { return }
        try require(new.sourceConfig.integrationID, "source_config.integration_id")
        try require(new.sourceConfig.repoURL, "source_config.repo_url")
        try require(new.revisionConfig.repoRef, "source_revision_config.repo_ref")
        try require(new.revisionConfig.configPath, "source_revision_config.langgraph_config_path")
        try checkBuildOnPush(new.sourceConfig.buildOnPush, ref: new.revisionConfig.repoRef)
    }

    /// - Throws: `APIProblem` (400) when the change names a field that cannot change or a source that is not supported.
    static func check(_ change: DeploymentChange, to deployment: DeploymentRecord) throws {
        if let source = change.revisionSource { try checkAvailable(source) }
        if change.hasSecretReferences {
            throw noSecretReferences
        }
        try SecretRules.check(change.secrets ?? [])
        let now = deployment.sourceConfig
        let wanted = change.sourceConfig
        try keep(wanted.integrationID, now.integrationID, "source_config.integration_id")
        try keep(wanted.repoURL, now.repoURL, "source_config.repo_url")
        try keep(wanted.deploymentType, now.deploymentType, "source_config.deployment_type")
        let ref = change.revisionConfig.repoRef ?? change.trackedRef ?? deployment.trackedRef
        try checkBuildOnPush(wanted.buildOnPush ?? now.buildOnPush, ref: ref)
    }

    static func require(_ value: String?, _ field: String, for source: DeploymentSource = .github) throws {
        if value?.isEmpty ?? true {
            throw APIProblem.sourceConfiguration("'\(field)' is required for '\(source)' source")
        }
    }

    private static func checkAvailable(_ source: DeploymentSource) throws {
        guard source == .github || source == .internalSource else {
            throw unavailable(source)
        }
    }

    static func unavailable(_ source: DeploymentSource) -> APIProblem {
        .sourceConfiguration(
            "'\(source)' source is not supported by the local control plane, which cannot run images")
    }

    private static var noSecretReferences: APIProblem {
        .sourceConfiguration("'secret_references' is only applicable for 'external_docker' source")
    }

    private static func keep(_ wanted: String?, _ now: String?, _ field: String) throws {
        if let wanted, wanted != now { throw APIProblem.sourceConfiguration("'\(field)' cannot be changed") }
    }

    private static func checkBuildOnPush(_ buildOnPush: Bool?, ref: String?) throws {
        if buildOnPush == true, ref?.hasPrefix("refs/tags/") == true {
            throw APIProblem.sourceConfiguration(
                "'source_config.build_on_push' must be false when 'source_revision_config.repo_ref' is a tag")
        }
    }
}

/// Checks the fields of image sources as LangSmith does, before they are refused here.
struct ImageSourceValidation {
    /// The workspace's listeners.
    let listeners: [ListenerRecord]

    /// - Throws: `APIProblem` (400) always: for the first missing field, else because images are not supported.
    func check(_ new: NewDeployment) throws {
        if new.source == .externalDocker {
            try SourceValidation.require(
                new.revisionConfig.imageURI, "source_revision_config.image_uri", for: new.source)
            if new.sourceConfig.resourceSpec == nil {
                throw Self.required("source_config.resource_spec", for: new.source)
            }
            if new.revisionConfig.configPath != nil {
                throw APIProblem.sourceConfiguration(
                    "'source_revision_config.langgraph_config_path' must be null for '\(new.source)' source")
            }
            try checkListener(new)
        } else {
            try SourceValidation.require(
                new.sourceConfig.deploymentType, "source_config.deployment_type", for: new.source)
        }
        throw SourceValidation.unavailable(new.source)
    }

    private func checkListener(_ new: NewDeployment) throws {
        guard !listeners.isEmpty else { return }
        guard let id = new.listenerID else {
            let ids = listeners.map { "'\($0.id)'" }.joined(separator: ", ")
            throw APIProblem.sourceConfiguration(
                "'source_config.listener_id' is required for workspace with available listener IDs: [\(ids)]")
        }
        guard let listener = listeners.first(where: { $0.id == id }) else {
            throw APIProblem.sourceConfiguration("'source_config.listener_id' '\(id)' was not found")
        }
        guard let namespace = new.listenerNamespace, !namespace.isEmpty else {
            throw APIProblem.sourceConfiguration(
                "'source_config.listener_config.k8s_namespace' is required for listener ID '\(id)'")
        }
        let known = listener.namespaces ?? []
        guard known.isEmpty || known.contains(namespace) else {
            throw APIProblem.sourceConfiguration(
                "'source_config.listener_config.k8s_namespace' '\(namespace)' is not one of \(known)")
        }
    }

    private static func required(_ field: String, for source: DeploymentSource) -> APIProblem {
        .sourceConfiguration("'\(field)' is required for '\(source)' source")
    }
}
