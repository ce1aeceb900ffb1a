import Clocks
import ControlPlaneTypes

/// The model's endpoints that change nothing.
enum ModelReads {
    static func integrations(
        _ world: inout ModelWorld, _ call: ModelCall, _ captures: [String]
    ) throws(ModelProblem) -> ModelAnswer {
        ModelAnswer(
            200,
            .array(
                world.integrations.map {
                    ["id": JSONValue($0.id), "name": JSONValue($0.name), "installation_id": .integer(7)]
                }))
    }

    static func listeners(
        _ world: inout ModelWorld, _ call: ModelCall, _ captures: [String]
    ) throws(ModelProblem) -> ModelAnswer {
        guard let listeners = world.listeners else { throw .routeNotFound }
        let rows: [JSONValue] = listeners.map { listener in
            [
                "id": JSONValue(listener.id), "compute_type": "k8s", "compute_id": JSONValue(listener.cluster),
                "compute_config": ["k8s_namespaces": .array(listener.namespaces.map { JSONValue($0) })],
                "created_at": JSONValue(world.timestamp(.init(sinceStart: .zero))),
                "updated_at": JSONValue(world.timestamp(.init(sinceStart: .zero))),
            ]
        }
        return try page(of: rows, world, call)
    }

    static func deployments(
        _ world: inout ModelWorld, _ call: ModelCall, _ captures: [String]
    ) throws(ModelProblem) -> ModelAnswer {
        let rendering = ModelRendering(world: world, now: call.now, isList: true)
        var found = world.deployments.filter { rendering.isVisible($0) }
        if let part = call.query["name_contains"] { found = found.filter { $0.name.contains(part) } }
        if let name = call.query["name"], !world.behavior.ignoresNameFilter { found = found.filter { $0.name == name } }
        if let status = call.query["status"] { found = found.filter { $0.status.rawValue == status } }
        if let ids = call.query["deployment_ids"]?.split(separator: ",") {
            found = found.filter { ids.contains(Substring($0.id.rawValue)) }
        }
        return try page(of: found.map { rendering.deployment($0) }, world, call)
    }

    static func deployment(
        _ world: inout ModelWorld, _ call: ModelCall, _ captures: [String]
    ) throws(ModelProblem) -> ModelAnswer {
        let rendering = ModelRendering(world: world, now: call.now)
        let deployment = try world.visibleDeployment(captures, call)
        return ModelAnswer(200, rendering.deployment(deployment))
    }

    static func revisions(
        _ world: inout ModelWorld, _ call: ModelCall, _ captures: [String]
    ) throws(ModelProblem) -> ModelAnswer {
        let rendering = ModelRendering(world: world, now: call.now, isList: true)
        var found = try world.visibleDeployment(captures, call).revisions.filter { rendering.isVisible($0) }
        if let wanted = call.query["status"]?.split(separator: ",") {
            found = found.filter { wanted.contains(Substring($0.status(at: call.now).rawValue)) }
        }
        let listed = found.reversed().map { revision in
            var revision = revision
            if !world.behavior.listsCommits { revision.rollout.reportsCommit = false }
            return rendering.revision(revision)
        }
        return try page(of: listed, world, call)
    }

    static func revision(
        _ world: inout ModelWorld, _ call: ModelCall, _ captures: [String]
    ) throws(ModelProblem) -> ModelAnswer {
        let rendering = ModelRendering(world: world, now: call.now)
        return ModelAnswer(200, rendering.revision(try world.visibleRevision(captures, call)))
    }

    private static func page(
        of all: [JSONValue], _ world: ModelWorld, _ call: ModelCall
    ) throws(ModelProblem) -> ModelAnswer {
        let (asked, limit) = try call.page()
        let offset = world.behavior.ignoresOffset ? 0 : asked
        let resources = Array(all.dropFirst(offset).prefix(limit))
        return ModelAnswer(200, ["resources": .array(resources), "offset": .integer(offset + resources.count)])
    }
}

extension ModelReads {
    static func logs(
        _ world: inout ModelWorld, _ call: ModelCall, _ captures: [String]
    ) throws(ModelProblem) -> ModelAnswer {
        guard !world.behavior.isOlder else { throw .routeNotFound }
        guard let type = call.query["type"], ["build", "deploy"].contains(type) else {
            throw ModelProblem(field: ["type"], "Input should be 'build' or 'deploy'")
        }
        return try logs(world, call, captures, isBuild: type == "build", order: call.query["order"])
    }

    static func olderBuildLogs(
        _ world: inout ModelWorld, _ call: ModelCall, _ captures: [String]
    ) throws(ModelProblem) -> ModelAnswer {
        try logs(world, call, captures, isBuild: true, order: call.body["order"]?.text)
    }

    static func olderDeployLogs(
        _ world: inout ModelWorld, _ call: ModelCall, _ captures: [String]
    ) throws(ModelProblem) -> ModelAnswer {
        try logs(world, call, captures, isBuild: false, order: call.body["order"]?.text)
    }

    private static func logs(
        _ world: ModelWorld, _ call: ModelCall, _ captures: [String], isBuild: Bool, order: String?
    ) throws(ModelProblem) -> ModelAnswer {
        let revision = try world.visibleRevision(captures, call)
        let lines = isBuild ? revision.rollout.buildLog : revision.rollout.deployLog
        var entries: [JSONValue] = lines.enumerated().map { index, line in
            ["id": JSONValue("\(index)"), "timestamp": .integer(1_767_225_600_000 + index), "message": JSONValue(line)]
        }
        if order == "desc" { entries.reverse() }
        let first = Int(call.query["offset"] ?? call.body["offset"]?.text ?? "0") ?? 0
        var limit = Int(call.query["limit"] ?? "50") ?? 50
        if case .integer(let wanted)? = call.body["limit"] { limit = wanted }
        let end = first + limit
        return ModelAnswer(
            200,
            [
                "logs": .array(Array(entries.dropFirst(first).prefix(end - first))),
                "next_offset": JSONValue(end < entries.count ? String(end) : nil),
            ])
    }

    /// The deployed agent itself.
    static func agent(_ world: inout ModelWorld, _ call: ModelCall) throws(ModelProblem) -> ModelAnswer {
        let id = DeploymentID(String(call.host.dropLast(ModelControlPlane.agentSuffix.count)))
        guard let deployment = world.deployment(id), let active = deployment.active(at: call.now),
            let revision = deployment.revision(active)
        else { return ModelAnswer(503, ["error": "nobody serves"]) }
        return ModelAnswer(revision.rollout.agentStatus, ["revision": JSONValue(active.rawValue)])
    }
}

extension ModelWorld {
    func visibleDeployment(_ captures: [String], _ call: ModelCall) throws(ModelProblem) -> ModelDeployment {
        let id = DeploymentID(captures.first ?? "")
        guard let deployment = deployment(id), ModelRendering(world: self, now: call.now).isVisible(deployment) else {
            throw .deploymentNotFound(id)
        }
        return deployment
    }

    func visibleRevision(_ captures: [String], _ call: ModelCall) throws(ModelProblem) -> ModelRevision {
        let id = RevisionID(captures.last ?? "")
        guard let revision = try visibleDeployment(captures, call).revision(id),
            ModelRendering(world: self, now: call.now).isVisible(revision)
        else { throw .revisionNotFound(id) }
        return revision
    }
}

/// Writes the model's state as the API's JSON. It does not use the client's types, which would hide their mistakes.
struct ModelRendering {
    let world: ModelWorld
    let now: MonotonicInstant
    var isList = false

    /// What is newer is not visible yet.
    private var horizon: MonotonicInstant {
        now.advanced(by: .zero - world.behavior.readLag - (isList ? world.behavior.listLag : .zero))
    }

    func isVisible(_ revision: ModelRevision) -> Bool { revision.createdAt <= horizon }

    func isVisible(_ deployment: ModelDeployment) -> Bool {
        deployment.createdAt <= horizon && deployment.deletedAt == nil
    }

    /// - Parameter isFresh: whether this is the response to a change, which never lags.
    func deployment(_ deployment: ModelDeployment, isFresh: Bool = false) -> JSONValue {
        let newest = deployment.revisions.last { isFresh || isVisible($0) }
        let active = deployment.active(at: now, lag: world.behavior.activeLag)
        return [
            "id": JSONValue(deployment.id.rawValue), "name": JSONValue(deployment.name),
            "source": JSONValue(deployment.source.rawValue), "status": JSONValue(deployment.status.rawValue),
            "tenant_id": "22222222-0000-4000-8000-000000000000",
            "source_config": sourceConfig(deployment, isServing: active != nil),
            "source_revision_config": newest.map { revisionConfig($0) } ?? .object([:]),
            "secrets": .array(
                deployment.secrets.map {
                    ["name": JSONValue($0.name), "value": JSONValue(world.behavior.hidesSecrets ? "***" : $0.value)]
                }),
            "created_at": JSONValue(world.timestamp(deployment.createdAt)),
            "updated_at": JSONValue(world.timestamp(newest?.updatedAt(now) ?? deployment.createdAt)),
            "latest_revision_id": JSONValue(newest?.id.rawValue), "active_revision_id": JSONValue(active?.rawValue),
            "url": JSONValue(agentURL(deployment, isServing: active != nil)),
            "image_version": .null, "display_name": JSONValue(deployment.displayName),
        ]
    }

    func revision(_ revision: ModelRevision) -> JSONValue {
        [
            "id": JSONValue(revision.id.rawValue), "status": JSONValue(revision.status(at: now).rawValue),
            "source": revision.image != nil
                ? "external_docker" : revision.tarball == nil ? "github" : "internal_source",
            "source_revision_config": revisionConfig(revision),
            "created_at": JSONValue(world.timestamp(revision.createdAt)),
            "updated_at": JSONValue(world.timestamp(revision.updatedAt(now))),
        ]
    }

    private func agentURL(_ deployment: ModelDeployment, isServing: Bool) -> String? {
        isServing && world.behavior.servesAgents ? ModelControlPlane.agentURL(of: deployment.id) : nil
    }

    private func sourceConfig(_ deployment: ModelDeployment, isServing: Bool) -> JSONValue {
        [
            "integration_id": JSONValue(deployment.integrationID), "repo_url": JSONValue(deployment.repoURL),
            "deployment_type": "dev", "build_on_push": deployment.buildOnPush.map { .bool($0) } ?? .null,
            "custom_url": JSONValue(agentURL(deployment, isServing: isServing)),
            "resource_spec": deployment.resourceSpec ?? .null, "listener_id": JSONValue(deployment.listenerID),
            "listener_config": deployment.namespace.map { ["k8s_namespace": JSONValue($0)] } ?? .null,
        ]
    }

    private func revisionConfig(_ revision: ModelRevision) -> JSONValue {
        [
            "repo_ref": JSONValue(revision.ref), "langgraph_config_path": JSONValue(revision.configPath),
            "source_tarball_path": JSONValue(revision.tarball),
            "image_uri": JSONValue(world.behavior.reportsImage ? revision.image : nil),
            "repo_commit_sha": JSONValue(revision.knownCommit(at: now)),
        ]
    }
}
