import Clocks
import ControlPlaneTypes

/// Writes the model's things as the API's JSON, with names of its own and not those of the client's types.
struct ModelRendering {
    let world: ModelWorld
    let now: MonotonicInstant

    /// Reads lag: what is newer than this is not seen yet.
    private var horizon: MonotonicInstant { now.advanced(by: .zero - world.behavior.readLag) }

    func isVisible(_ revision: ModelRevision) -> Bool { revision.createdAt <= horizon }

    func isVisible(_ deployment: ModelDeployment) -> Bool {
        deployment.createdAt <= horizon && deployment.deletedAt == nil
    }

    /// `isFresh` is the answer of the change itself, which never lags.
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
            "url": JSONValue(active.map { _ in ModelControlPlane.agentURL(of: deployment.id) }),
            "image_version": .null, "display_name": .null,
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

    private func sourceConfig(_ deployment: ModelDeployment, isServing: Bool) -> JSONValue {
        [
            "integration_id": JSONValue(deployment.integrationID), "repo_url": JSONValue(deployment.repoURL),
            "deployment_type": "dev", "build_on_push": deployment.buildOnPush.map { .bool($0) } ?? .null,
            "custom_url": isServing ? JSONValue(ModelControlPlane.agentURL(of: deployment.id)) : .null,
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
