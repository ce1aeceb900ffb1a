import ControlPlane
import ControlPlaneTypes

/// The model's endpoints that change something; they see the current state, without the read lag.
enum ModelChanges {
    static func createDeployment(
        _ world: inout ModelWorld, _ call: ModelCall, _ captures: [String]
    ) throws(ModelProblem) -> ModelAnswer {
        let wanted = try ModelDeploymentRequest(call.body)
        if world.leftoverProjects.contains(wanted.name) {
            throw ModelProblem(
                409, "There already exists a project in LangSmith named \(wanted.name). Please choose another name.")
        }
        guard world.deployment(named: wanted.name) == nil else {
            throw ModelProblem(
                world.behavior.failsOnDuplicateName ? 500 : 409, "A deployment with name \(wanted.name) already exists."
            )
        }
        var deployment = ModelDeployment(
            id: DeploymentID(world.newID()), name: wanted.name, source: wanted.source, createdAt: call.now)
        deployment.repoURL = wanted.repoURL
        deployment.integrationID = wanted.integrationID
        deployment.buildOnPush = wanted.buildOnPush
        deployment.secrets = wanted.secrets
        deployment.resourceSpec = wanted.resourceSpec
        deployment.listenerID = wanted.listenerID
        deployment.namespace = wanted.namespace
        world.deployments.append(deployment)
        if wanted.source == .github && world.behavior.createMakesRevision {
            world.push(wanted.ref, to: deployment.id, at: call.now) { $0.configPath = wanted.configPath }
        }
        if wanted.source == .externalDocker {
            world.push(nil, to: deployment.id, at: call.now) {
                $0.image = wanted.image
                $0.configPath = nil
            }
        }
        return ModelAnswer(201, try world.fresh(deployment.id, call))
    }

    static func patchDeployment(
        _ world: inout ModelWorld, _ call: ModelCall, _ captures: [String]
    ) throws(ModelProblem) -> ModelAnswer {
        let deployment = try world.existing(captures)
        let config = call.body["source_config"] ?? [:]
        if let url = config["repo_url"]?.text, url != deployment.repoURL {
            throw ModelProblem(400, "Source configuration error: 'source_config.repo_url' cannot be changed")
        }
        if case .bool(let isOn)? = config["build_on_push"] {
            world.change(deployment.id) { $0.buildOnPush = isOn }
        }
        if let name = call.body["display_name"]?.text { world.change(deployment.id) { $0.displayName = name } }
        if makesRevision(call.body) { _ = try makeRevision(&world, call, of: deployment) }
        return ModelAnswer(200, try world.fresh(deployment.id, call))
    }

    /// Whether a PATCH changes anything that an agent is built from or started with.
    private static func makesRevision(_ body: JSONValue) -> Bool {
        let config = body["source_config"] ?? [:]
        return (body["source_revision_config"]?.members ?? [:]).values.contains { $0 != .null }
            || !(body["secrets"]?.elements ?? []).isEmpty || body["secret_references"] != nil
            || ["resource_spec", "install_command", "build_command"].contains { config[$0] != nil }
    }

    static func createRevision(
        _ world: inout ModelWorld, _ call: ModelCall, _ captures: [String]
    ) throws(ModelProblem) -> ModelAnswer {
        guard !world.behavior.isOlder else { throw ModelProblem(405, "Method Not Allowed") }
        let id = try makeRevision(&world, call, of: try world.existing(captures))
        guard let revision = world.deployments.lazy.compactMap({ $0.revision(id) }).first else {
            throw .revisionNotFound(id)
        }
        return ModelAnswer(201, ModelRendering(world: world, now: call.now).revision(revision))
    }

    private static func makeRevision(
        _ world: inout ModelWorld, _ call: ModelCall, of deployment: ModelDeployment
    ) throws(ModelProblem) -> RevisionID {
        let wanted = try ModelRevisionRequest(call.body, of: deployment, uploads: world.uploads)
        let made = world.push(wanted.ref, to: deployment.id, at: call.now) {
            $0.configPath = wanted.configPath
            $0.tarball = wanted.tarball
            $0.image = wanted.image
        }
        world.change(deployment.id) {
            $0.secrets = wanted.secrets ?? $0.secrets
            $0.resourceSpec = wanted.resourceSpec ?? $0.resourceSpec
        }
        guard let made else { throw .deploymentNotFound(deployment.id) }
        return made
    }

    static func redeploy(
        _ world: inout ModelWorld, _ call: ModelCall, _ captures: [String]
    ) throws(ModelProblem) -> ModelAnswer {
        let deployment = try world.existing(captures)
        let id = RevisionID(captures.last ?? "")
        guard let old = deployment.revision(id) else { throw .revisionNotFound(id) }
        if world.behavior.redeploysSameRevision {
            let rollout = world.nextRollout(of: deployment.name)
            world.change(deployment.id) { $0.restart(id, rollout, at: call.now) }
        } else {
            world.push(old.ref, to: deployment.id, at: call.now) {
                $0.isRedeploy = true
                $0.commit = $0.rollout.commit ?? old.commit
                $0.configPath = old.configPath
                $0.tarball = old.tarball
                $0.image = $0.rollout.image ?? old.image
            }
        }
        return ModelAnswer(200, try world.fresh(deployment.id, call))
    }

    static func interruption(
        _ world: inout ModelWorld, _ call: ModelCall, _ captures: [String]
    ) throws(ModelProblem) -> ModelAnswer {
        guard !world.behavior.isOlder else { throw .routeNotFound }
        return try interrupt(&world, call, captures)
    }

    static func interrupt(
        _ world: inout ModelWorld, _ call: ModelCall, _ captures: [String]
    ) throws(ModelProblem) -> ModelAnswer {
        let deployment = try world.existing(captures)
        let id = RevisionID(captures.last ?? "")
        guard deployment.revision(id) != nil else { throw .revisionNotFound(id) }
        world.change(deployment.id) { $0.interrupt(id, at: call.now) }
        return ModelAnswer(200, ["status": "ok"])
    }

    static func deleteDeployment(
        _ world: inout ModelWorld, _ call: ModelCall, _ captures: [String]
    ) throws(ModelProblem) -> ModelAnswer {
        let deployment = try world.existing(captures)
        let isBeingDeleted = deployment.status == .awaitingDelete
        if call.query["force"] == "true" {
            guard isBeingDeleted else {
                throw ModelProblem(400, "Deployment ID \(deployment.id) must be deleted before it is force-deleted.")
            }
            world.removeDeployment(deployment.id)
        } else {
            world.change(deployment.id) { $0.status = .awaitingDelete }
        }
        return ModelAnswer(204, nil)
    }

    static func deleteDeployments(
        _ world: inout ModelWorld, _ call: ModelCall, _ captures: [String]
    ) throws(ModelProblem) -> ModelAnswer {
        let ids = try call.ids(named: "deployment_ids")
        let found = ids.filter { id in
            world.change(DeploymentID(id)) { $0.status = .awaitingDelete } != nil
        }
        let missing = ids.filter { !found.contains($0) }
        return ModelAnswer(
            missing.isEmpty ? 200 : 207,
            ["deleted": .array(found.map { .string($0) }), "failed": .array(missing.map { .string($0) })])
    }

    static func uploadURL(
        _ world: inout ModelWorld, _ call: ModelCall, _ captures: [String]
    ) throws(ModelProblem) -> ModelAnswer {
        let path = "\(try world.existing(captures).id)/\(world.newID()).tar.gz"
        return ModelAnswer(
            200,
            [
                "upload_url": JSONValue("\(world.storageURL)/\(path)"),
                "object_path": JSONValue(path), "upload_headers": .null,
            ])
    }

    /// Stores an archive; refused with the API key, which a storage must never see.
    static func upload(_ world: inout ModelWorld, _ call: ModelCall) throws(ModelProblem) -> ModelAnswer {
        guard call.method == .put, call.header("X-Api-Key") == nil, call.header("Content-Type") == "application/gzip"
        else { throw ModelProblem(403, "SignatureDoesNotMatch") }
        world.uploads.insert(String(call.url.dropFirst(world.storageURL.count + 1)))
        return ModelAnswer(200, nil)
    }
}

extension ModelWorld {
    func existing(_ captures: [String]) throws(ModelProblem) -> ModelDeployment {
        let id = DeploymentID(captures.first ?? "")
        guard let deployment = deployment(id), deployment.deletedAt == nil else { throw .deploymentNotFound(id) }
        return deployment
    }

    func fresh(_ id: DeploymentID, _ call: ModelCall) throws(ModelProblem) -> JSONValue {
        guard let deployment = deployment(id) else { throw .deploymentNotFound(id) }
        return ModelRendering(world: self, now: call.now).deployment(deployment, isFresh: true)
    }
}

/// The validated body of a request that creates a deployment.
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
        try checkSecretNames(self.secrets)
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

/// Refuses reserved names; a part of the service's list.
private func checkSecretNames(_ secrets: [(name: String, value: String)]) throws(ModelProblem) {
    let reserved = ["DATABASE_URI", "LANGSMITH_API_KEY", "PATH", "PORT", "POSTGRES_URI", "REDIS_URI"]
    for secret in secrets where reserved.contains(secret.name) {
        throw ModelProblem(400, "Secret name '\(secret.name)' is reserved")
    }
}

/// The validated body of a request that creates a revision.
struct ModelRevisionRequest {
    let ref: String?
    let configPath: String?
    let tarball: String?
    let image: String?
    /// Nil keeps the stored ones.
    let secrets: [(name: String, value: String)]?
    let resourceSpec: JSONValue?

    init(_ body: JSONValue, of deployment: ModelDeployment, uploads: Set<String>) throws(ModelProblem) {
        let config = body["source_revision_config"] ?? [:]
        if config["repo_commit_sha"] != nil {
            throw ModelProblem(field: ["source_revision_config", "repo_commit_sha"], "is only ever answered")
        }
        image =
            config["image_uri"]?.text
            ?? (deployment.source == .externalDocker ? deployment.revisions.last?.image : nil)
        guard (image != nil) == (deployment.source == .externalDocker) else {
            throw ModelProblem(400, "Source configuration error: 'image_uri' is for 'external_docker'")
        }
        resourceSpec = body["source_config"]?["resource_spec"]
        if case .array(let given)? = body["secrets"], !given.isEmpty {
            let named = given.compactMap { secret in secret["name"]?.text.map { ($0, secret["value"]?.text ?? "") } }
            try checkSecretNames(named)
            secrets = named
        } else {
            secrets = nil
        }
        ref = config["repo_ref"]?.text ?? deployment.revisions.last?.ref
        configPath = config["langgraph_config_path"]?.text ?? deployment.revisions.last?.configPath
        tarball =
            config["source_tarball_path"]?.text
            ?? (deployment.source == .internalSource ? deployment.revisions.last?.tarball : nil)
        if deployment.source == .internalSource {
            let namesSource = config["source_tarball_path"] == nil || body["revision_source"]?.text == "internal_source"
            guard let tarball, uploads.contains(tarball), namesSource else {
                throw ModelProblem(400, "Source configuration error: no archive was uploaded")
            }
        } else if tarball != nil {
            throw ModelProblem(400, "Source configuration error: 'source_tarball_path' is for 'internal_source'")
        }
    }
}
