import ControlPlaneTypes

extension BodyReader {
    static let deploymentTypes = ["dev_free", "dev", "prod", "dev_zero", "dev_free_zero"]

    func sourceConfig() -> SourceConfig {
        var config = SourceConfig()
        config.integrationID = uuid("integration_id")
        config.repoURL = string("repo_url")
        config.deploymentType = choice("deployment_type", of: Self.deploymentTypes)
        config.buildOnPush = boolean("build_on_push")
        config.customURL = string("custom_url")
        config.installCommand = string("install_command")
        config.buildCommand = string("build_command")
        if let spec = object("resource_spec") {
            spec.checkResourceSpec()
            config.resourceSpec = value("resource_spec")
        }
        return config
    }

    func revisionConfig() -> SourceRevisionConfig {
        var config = SourceRevisionConfig()
        config.repoRef = string("repo_ref")
        config.configPath = string("langgraph_config_path")
        config.imageURI = string("image_uri")
        config.sourceTarballPath = string("source_tarball_path")
        return config
    }

    func secrets(required: Bool) -> [Secret]? {
        objects("secrets", required: required)?.map { secret in
            Secret(name: secret.requiredString("name"), value: SecretValue(secret.requiredString("value")))
        }
    }
}
