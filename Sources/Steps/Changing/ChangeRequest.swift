import ControlPlaneTypes
import Engine
import FoundationEssentials

/// What the deploy step was asked to change.
struct ChangeRequest: Sendable {
    enum Action: String {
        case create, revise
        case takeUp = "take-up"
    }

    let action: Action
    let name: String
    let deploymentID: DeploymentID?
    let directory: String
    let sha: String
    let repoRef: String?
    let configPath: String
    let source: DeploymentSource
    let repoURL: String?
    let integrationID: String?
    let deploymentType: String?
    let installCommand: String?
    let buildCommand: String?
    let image: ImageReference?
    let listener: ListenerChoice
    let changesSettings: Bool
    let takenUp: RevisionID?
    let previous: RevisionID?
    let known: Set<RevisionID>
    let force: Bool
    let waitsForTurn: Bool
    /// When nothing was under way and all of this was read, on the wall clock.
    let clearAt: Date?

    /// Throws `StepFailure` for an action there is none of.
    init(_ inputs: StepInputs) throws {
        let word = inputs.string("action") ?? ""
        guard let action = Action(rawValue: word) else {
            throw StepFailure(.invalidWorkflow, code: "UnknownAction", "there is nothing to deploy for '\(word)'")
        }
        self.action = action
        name = inputs.string("deployment") ?? ""
        deploymentID = inputs.string("deployment-id").map { DeploymentID($0) }
        directory = inputs.string("directory") ?? "."
        sha = (inputs.string("sha") ?? "").lowercased()
        repoRef = inputs.string("ref")
        configPath = inputs.string("config") ?? "langgraph.json"
        source = DeploymentSource(rawValue: inputs.string("source") ?? "")
        repoURL = inputs.string("repo-url")
        integrationID = inputs.string("integration-id")
        deploymentType = inputs.string("deployment-type")
        installCommand = inputs.string("install-command")
        buildCommand = inputs.string("build-command")
        image = inputs.string("image").map { ImageReference($0) }
        listener = ListenerChoice(
            listenerID: inputs.string("listener-id"), namespace: inputs.string("k8s-namespace"))
        changesSettings = inputs.flag("changes-settings")
        takenUp = action == .takeUp ? inputs.string("revision-id").map { RevisionID($0) } : nil
        previous = inputs.string("previous-revision-id").map { RevisionID($0) }
        known = Set(inputs.strings("known-revisions").map { RevisionID($0) })
        force = inputs.flag("force")
        waitsForTurn = inputs.flag("wait-for-turn")
        clearAt = inputs.string("clear-at").flatMap { Timestamp(text: $0).date }
    }

    func existing() throws -> DeploymentID {
        guard let deploymentID else {
            throw StepFailure(.invalidWorkflow, code: "DeploymentMissing", "'deployment-id' is missing")
        }
        return deploymentID
    }

    var wanted: DesiredRevision {
        var wanted = DesiredRevision(
            sha: sha, repoRef: repoRef, configPath: configPath, source: source, repoURL: repoURL, image: image)
        wanted.changesSettings = changesSettings
        return wanted
    }

    /// What the intent in the journal says of it.
    var facts: [String: String] {
        image.map { ["image": $0.text] } ?? ["sha": sha]
    }

    func createRequest(_ settings: DeploySettings = DeploySettings()) -> DeploymentCreateRequest {
        var config = SourceConfig()
        config.resourceSpec = settings.resourceSpec.map { .object($0) }
        var revision = SourceRevisionConfig()
        if source == .externalDocker {
            // Wanted of this source, and enough when it is empty.
            config.resourceSpec = config.resourceSpec ?? .object([:])
            config.listenerID = listener.listenerID
            config.listenerConfig = listener.namespace.map { ListenerConfig(namespace: $0) }
            revision.imageURI = image?.text
        } else {
            config.deploymentType = deploymentType
            config.installCommand = installCommand
            config.buildCommand = buildCommand
        }
        if source == .github {
            config.integrationID = integrationID
            config.repoURL = repoURL
            // A push must not make revisions beside ours.
            config.buildOnPush = false
            revision.repoRef = repoRef
            revision.configPath = configPath
        }
        return DeploymentCreateRequest(
            name: name, source: source, sourceConfig: config, sourceRevisionConfig: revision,
            secrets: settings.secrets.sent ?? [])
    }

    func revisionRequest(tarball: String?, _ settings: DeploySettings = DeploySettings()) -> RevisionRequest {
        var revision = SourceRevisionConfig()
        revision.imageURI = source == .externalDocker ? image?.text : nil
        revision.configPath = source == .externalDocker ? nil : configPath
        revision.sourceTarballPath = tarball
        if source == .github { revision.repoRef = repoRef }
        var request = RevisionRequest(sourceRevisionConfig: revision)
        if source == .internalSource { request.revisionSource = source }
        request.secrets = settings.secrets.sent
        var config = SourceConfig()
        if source != .externalDocker {
            config.installCommand = installCommand
            config.buildCommand = buildCommand
        }
        config.resourceSpec = settings.resourceSpec.map { .object($0) }
        if config != SourceConfig() { request.sourceConfig = config }
        return request
    }
}
