import ControlPlaneTypes
import Redaction

/// The body of `POST /v2/deployments`.
struct NewDeployment: Sendable {
    var name: String
    var source: DeploymentSource
    var sourceConfig: SourceConfig
    var revisionConfig: SourceRevisionConfig
    var secrets: [Secret]
    var hasSecretReferences: Bool
    /// For `external_docker` only.
    var listenerID: String?
    var listenerNamespace: String?

    /// - Throws: `APIProblem` (422) with every problem of the body.
    init(_ body: BodyReader) throws {
        name = body.requiredString("name")
        source = DeploymentSource(rawValue: body.requiredString("source"))
        sourceConfig = body.object("source_config", required: true)?.sourceConfig() ?? SourceConfig()
        revisionConfig =
            body.object("source_revision_config", required: true)?.revisionConfig() ?? SourceRevisionConfig()
        secrets = body.secrets(required: true) ?? []
        hasSecretReferences = body.objects("secret_references") != nil
        if source == .externalDocker, case .object? = body.value("source_config") {
            let config = body.object("source_config")
            listenerID = config?.uuid("listener_id")
            listenerNamespace = config?.object("listener_config")?.string("k8s_namespace")
        }
        body.checkName(name)
        body.checkSource(source)
        try body.validate()
    }
}

extension BodyReader {
    fileprivate func checkName(_ name: String) {
        guard value("name") != nil, name.wholeMatch(of: /[a-z][a-z0-9-]*/) == nil else { return }
        report(
            FieldProblem(
                "string_pattern_mismatch", at: path("name"), "String should match pattern '^[a-z][a-z0-9-]*$'",
                input: .string(name), context: ["pattern": .string("^[a-z][a-z0-9-]*$")]))
    }

    fileprivate func checkSource(_ source: DeploymentSource) {
        let known: [DeploymentSource] = [.github, .externalDocker, .internalDocker, .internalSource, .internalTemplate]
        guard value("source") != nil, !known.contains(source) else { return }
        report(.choice(path("source"), of: known.map(\.rawValue), input: .string(source.rawValue)))
    }
}

/// The body of a PATCH of a deployment or of a new revision; a missing or null field changes nothing.
struct DeploymentChange: Sendable {
    var revisionSource: DeploymentSource?
    var sourceConfig = SourceConfig()
    var revisionConfig = SourceRevisionConfig()
    /// An empty list changes nothing.
    var secrets: [Secret]?
    var hasSecretReferences = false
    var displayName: String?
    var trackedRef: String?

    init() {}

    /// - Throws: `APIProblem` (422) with every problem of the body.
    init(_ body: BodyReader) throws {
        let sources: [DeploymentSource] = [.github, .internalDocker, .internalSource]
        revisionSource = body.choice("revision_source", of: sources.map(\.rawValue)).map(DeploymentSource.init)
        sourceConfig = body.object("source_config")?.sourceConfig() ?? SourceConfig()
        revisionConfig = body.object("source_revision_config")?.revisionConfig() ?? SourceRevisionConfig()
        secrets = body.secrets(required: false)
        hasSecretReferences = body.objects("secret_references") != nil
        displayName = body.string("display_name", minimumLength: 1)
        trackedRef = body.string("tracked_repo_ref", minimumLength: 1)
        try body.validate()
    }

    /// Whether the change affects what the agent is built from or started with.
    var needsRevision: Bool {
        revisionConfig != SourceRevisionConfig() || secrets?.isEmpty == false || hasSecretReferences
            || sourceConfig.resourceSpec != nil || sourceConfig.installCommand != nil
            || sourceConfig.buildCommand != nil
    }
}

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

extension BodyReader {
    /// Checks the types of a resource specification's known fields; unknown fields are stored unchanged.
    func checkResourceSpec() {
        for name in Self.wholeNumbers { _ = integer(name, in: Int.min...Int.max) }
        for (name, largest) in Self.cpuCounts { number(name, from: 0.1, to: largest) }
        for name in Self.plainNumbers { number(name, from: -.infinity, to: .infinity) }
        for name in ["labels", "annotations"] { checkTexts(in: name) }
        for name in ["image_pull_secrets", "volumes", "volume_mounts", "init_containers", "sidecars"] {
            _ = objects(name)
        }
        _ = string("service_account_name")
    }

    private static let wholeNumbers = [
        "min_scale", "max_scale", "memory_mb", "memory_limit_mb", "queue_min_scale", "queue_max_scale",
        "queue_memory_mb", "queue_memory_limit_mb", "redis_memory_mb", "redis_memory_limit_mb", "core_memory_mb",
        "core_memory_limit_mb", "db_memory_mb", "db_memory_limit_mb", "db_storage_gi", "db_max_connections",
    ]

    /// CPU fields, each with its maximum.
    private static let cpuCounts: [(String, Double)] = [
        ("cpu", 8), ("queue_cpu", 8), ("redis_cpu", 8), ("cpu_limit", 16), ("queue_cpu_limit", 16),
        ("redis_cpu_limit", 16), ("core_cpu", .infinity), ("core_cpu_limit", .infinity),
    ]

    private static let plainNumbers = ["db_cpu", "db_cpu_limit"]

    private func number(_ name: String, from least: Double, to most: Double) {
        guard let value = value(name) else { return }
        guard let number = value.double else {
            return report(FieldProblem("float_type", at: path(name), "Input should be a valid number", input: value))
        }
        if number < least {
            report(
                FieldProblem(
                    "greater_than_equal", at: path(name), "Input should be greater than or equal to \(least)",
                    input: value, context: ["ge": .number(least)]))
        } else if number > most {
            report(
                FieldProblem(
                    "less_than_equal", at: path(name), "Input should be less than or equal to \(most)", input: value,
                    context: ["le": .number(most)]))
        }
    }

    private func checkTexts(in name: String) {
        guard let texts = object(name) else { return }
        for key in texts.names { _ = texts.string(key) }
    }
}
