import ControlPlaneTypes

/// A body that creates a deployment, checked as the service checks it.
struct ModelDeploymentRequest {
    let name: String
    let source: DeploymentSource
    let repoURL: String?
    let integrationID: String?
    let buildOnPush: Bool?
    let ref: String?
    let configPath: String?
    let secrets: [(name: String, value: String)]
    let image: String?
    let resourceSpec: JSONValue?
    let listenerID: String?
    let namespace: String?

    init(_ body: JSONValue) throws(ModelProblem) {
        guard let name = body["name"]?.text else { throw ModelProblem(field: ["name"], "Field required") }
        guard let source = body["source"]?.text else { throw ModelProblem(field: ["source"], "Field required") }
        guard case .array(let secrets)? = body["secrets"] else {
            throw ModelProblem(field: ["secrets"], "Field required")
        }
        guard let config = body["source_config"], let revision = body["source_revision_config"] else {
            throw ModelProblem(field: ["source_config"], "Field required")
        }
        self.name = name
        self.source = DeploymentSource(rawValue: source)
        repoURL = config["repo_url"]?.text
        integrationID = config["integration_id"]?.text
        ref = revision["repo_ref"]?.text
        configPath = revision["langgraph_config_path"]?.text
        if case .bool(let isOn)? = config["build_on_push"] { buildOnPush = isOn } else { buildOnPush = nil }
        self.secrets = secrets.compactMap { secret in
            secret["name"]?.text.map { ($0, secret["value"]?.text ?? "") }
        }
        image = revision["image_uri"]?.text
        resourceSpec = config["resource_spec"]
        listenerID = config["listener_id"]?.text
        namespace = config["listener_config"]?["k8s_namespace"]?.text
        if self.source == .github { try checkGithub(config) }
        if self.source == .externalDocker { try checkImage(config) }
    }

    private func checkImage(_ config: JSONValue) throws(ModelProblem) {
        guard image != nil, resourceSpec != nil, configPath == nil, config["deployment_type"] == nil else {
            throw ModelProblem(400, "Source configuration error: not as the 'external_docker' source wants it")
        }
    }

    private func checkGithub(_ config: JSONValue) throws(ModelProblem) {
        let needed = [
            ("source_config.repo_url", repoURL), ("source_config.integration_id", integrationID),
            ("source_config.deployment_type", config["deployment_type"]?.text),
            ("source_revision_config.repo_ref", ref), ("source_revision_config.langgraph_config_path", configPath),
        ]
        for (field, value) in needed where value == nil {
            throw ModelProblem(
                400, "Source configuration error: '\(field)' is required for 'github' source")
        }
    }
}

/// A body that makes a revision, checked as the service checks it.
struct ModelRevisionRequest {
    let ref: String?
    let configPath: String?
    let tarball: String?
    let image: String?
    /// Nil carries the stored ones over.
    let secrets: [(name: String, value: String)]?
    let resourceSpec: JSONValue?

    init(_ body: JSONValue, of deployment: ModelDeployment, uploads: Set<String>) throws(ModelProblem) {
        let config = body["source_revision_config"] ?? [:]
        if config["repo_commit_sha"] != nil {
            throw ModelProblem(field: ["source_revision_config", "repo_commit_sha"], "is only ever answered")
        }
        image = config["image_uri"]?.text
        guard (image != nil) == (deployment.source == .externalDocker) else {
            throw ModelProblem(400, "Source configuration error: 'image_uri' is for 'external_docker'")
        }
        resourceSpec = body["source_config"]?["resource_spec"]
        if case .array(let given)? = body["secrets"], !given.isEmpty {
            secrets = given.compactMap { secret in secret["name"]?.text.map { ($0, secret["value"]?.text ?? "") } }
        } else {
            secrets = nil
        }
        ref = config["repo_ref"]?.text ?? deployment.revisions.last?.ref
        configPath = config["langgraph_config_path"]?.text ?? deployment.revisions.last?.configPath
        tarball = config["source_tarball_path"]?.text
        if deployment.source == .internalSource {
            guard let tarball, uploads.contains(tarball), body["revision_source"]?.text == "internal_source" else {
                throw ModelProblem(400, "Source configuration error: no archive was uploaded")
            }
        } else if tarball != nil {
            throw ModelProblem(400, "Source configuration error: 'source_tarball_path' is for 'internal_source'")
        }
    }
}
