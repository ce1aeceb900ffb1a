import ControlPlaneTypes

/// What the sources that are images need, checked as the service does before they are refused here.
struct ImageRules {
    /// Of the workspace.
    let listeners: [ListenerRecord]

    /// - Throws: `APIProblem` (400) always: for what is missing first, else because images are not run here.
    func check(_ new: NewDeployment) throws {
        if new.source == .externalDocker {
            try SourceRules.require(new.revisionConfig.imageURI, "source_revision_config.image_uri", for: new.source)
            if new.sourceConfig.resourceSpec == nil {
                throw Self.required("source_config.resource_spec", for: new.source)
            }
            if new.revisionConfig.configPath != nil {
                throw APIProblem.sourceConfiguration(
                    "'source_revision_config.langgraph_config_path' must be null for '\(new.source)' source")
            }
            try checkListener(new)
        } else {
            try SourceRules.require(new.sourceConfig.deploymentType, "source_config.deployment_type", for: new.source)
        }
        throw SourceRules.unavailable(new.source)
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
