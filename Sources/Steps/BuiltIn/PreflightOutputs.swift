import Clocks
import ControlPlaneTypes
import Engine
import WorkflowModel

/// What preflight found, as outputs for the steps after it.
struct PreflightOutputs: Sendable {
    let context: StepContext
    let uploads: UploadIndex.Entries

    func put(
        _ plan: DeployDecision, _ name: String, _ snapshot: DeploymentSnapshot?, _ choice: SourceChoice,
        _ wanted: DesiredRevision, _ settings: DeploySettings, _ listener: ListenerChoice
    ) {
        context.output("deployment-name", .string(name))
        context.output("deployment-id", Value(snapshot?.deployment.id.rawValue))
        context.output("deployment-url", Value(snapshot?.deployment.servingURL))
        context.output("source", .string(choice.source.rawValue))
        context.output("repo-url", Value(choice.repoURL))
        context.output("integration-id", Value(choice.integrationID))
        context.output("listener-id", Value(listener.listenerID))
        context.output("k8s-namespace", Value(listener.namespace))
        context.output("commit-sha", Value(wanted.image == nil ? wanted.sha : nil))
        context.output("previous-revision-id", Value(snapshot?.deployment.activeRevisionID?.rawValue))
        put(live: snapshot?.active, choice.source)
        put(settings, of: snapshot?.deployment)
        context.output("known-revisions", list((snapshot?.revisions ?? []).map(\.id.rawValue)))
        context.output("past-durations", .list((snapshot?.pastDurations ?? []).map { .number($0.seconds) }))
        switch plan {
        case .upToDate(let id), .takeUp(let id): context.output("revision-id", .string(id.rawValue))
        default: break
        }
        context.output("action", .string(plan.action))
    }

    private func put(live: Revision?, _ source: DeploymentSource) {
        context.output("current-sha", Value(live?.builtCommit(uploads: uploads)))
        context.output("current-ref", Value(live?.sourceRevisionConfig?.repoRef))
        context.output("current-config", Value(live?.sourceRevisionConfig?.configPath))
        // Built images are answered for other sources too.
        context.output("current-image", Value(source == .externalDocker ? live?.image?.text : nil))
    }

    private func put(_ settings: DeploySettings, of deployment: Deployment?) {
        context.output("changes-settings", .bool(settings.changesSomething))
        context.output("secret-names", list((deployment?.secrets ?? []).map(\.name)))
        context.output("secrets-added", list(settings.secrets.added))
        context.output("secrets-set", list(settings.secrets.set))
        context.output("secrets-removed", list(settings.secrets.removed))
        context.output("secrets-kept", list(settings.secrets.kept))
        context.output("resource-keys", list((settings.resourceSpec ?? [:]).keys.sorted()))
    }

    private func list(_ texts: [String]) -> Value { .list(texts.map { .string($0) }) }
}

/// What preflight tells people about settings: names, never values.
struct PreflightNotes: Sendable {
    let context: StepContext
    let mode: String
    /// Of the secrets file.
    let path: String?

    func tell(
        _ settings: DeploySettings, _ given: RequestedSettings, _ deployment: Deployment?, _ source: DeploymentSource
    ) {
        if given.isFileOpen, let path {
            context.warn("the secrets file \(path) can be read by others than its owner: chmod 600 \(path)")
        }
        if settings.secrets.sent != nil, let summary = settings.secrets.summary {
            context.note("secrets (\(deployment == nil ? "new" : mode)): \(summary)")
        }
        let ignored = given.ignoredNames(deployment)
        if !ignored.isEmpty {
            context.warn(
                "the deployment's secrets are kept as they are, and \(ignored.sorted().joined(separator: ", ")) of "
                    + "the file will not be there: use --secrets merge or replace to set them")
        }
        guard let spec = settings.resourceSpec else { return }
        context.note("resource spec: \(spec.keys.sorted().joined(separator: ", "))")
        if source != .externalDocker {
            context.warn("the service documents a resource spec for the source external_docker only, not for \(source)")
        }
    }
}
