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
        if self.source == .github { try checkGithub(config) }
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

    init(_ body: JSONValue, of deployment: ModelDeployment, uploads: Set<String>) throws(ModelProblem) {
        let config = body["source_revision_config"] ?? [:]
        for field in ["repo_commit_sha", "image_uri"] where config[field] != nil {
            throw ModelProblem(field: ["source_revision_config", field], "is only ever answered")
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
