import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import Git

/// What preflight has read, and what is wanted.
struct DeploySituation: Sendable {
    var client: ControlPlaneClient
    var snapshot: DeploymentSnapshot?
    var readAt: Timestamp
    /// When the oldest of its reads began.
    var askedAt: MonotonicInstant
    var name: String
    var choice: SourceChoice
    var settings: DeploySettings
    var requested: RequestedSettings
    var desired: DesiredRevision

    /// Reads the control plane and the files that the deploy names.
    ///
    /// Throws the `StepFailure` of an input that cannot be used.
    static func read(
        _ inputs: StepInputs, _ services: StepServices, _ context: StepContext
    ) async throws -> DeploySituation {
        let requested = try RequestedSettings(inputs, services.settingsFiles, context)
        let image = try image(inputs, context)
        let client = services.client.with(deadline: context.deadline)
        let (readAt, askedAt) = (Timestamp(context.clock.date), context.clock.now)
        let snapshot = try await lockedSnapshot(inputs, client, context)
        let name = try name(of: snapshot, inputs)
        let choice = try await SourceChoice.make(
            existing: snapshot?.deployment, asked: inputs.string("source"), image: image,
            repoURL: inputs.string("repo-url"), integrationID: inputs.string("integration-id"), client: client)
        try requested.checkNames(for: choice.source)
        let settings = try requested.settings(for: snapshot?.deployment, context)
        return DeploySituation(
            client: client, snapshot: snapshot, readAt: readAt, askedAt: askedAt, name: name, choice: choice,
            settings: settings,
            requested: requested, desired: try desired(inputs, snapshot?.deployment, choice, image, settings))
    }

    /// Reads once more what is live, and which revisions there are.
    ///
    /// Throws `StepFailure` when the deployment is being deleted, and `ControlPlaneError`.
    mutating func readAgain(_ inputs: StepInputs, _ context: StepContext) async throws {
        guard let id = snapshot?.deployment.id else { return }
        if isFresh(context) { try await pause(context) }
        (readAt, askedAt) = (Timestamp(context.clock.date), context.clock.now)
        let client = client
        snapshot = try await context.confirmingRefusals(of: client) {
            try Self.checked(await DeploymentReader(client: client).snapshot(name: nil, id: id.rawValue))
        }
        settings = try requested.settings(for: snapshot?.deployment, context)
        desired = try Self.desired(inputs, snapshot?.deployment, choice, desired.image, settings)
    }

    /// Whether what is live may have changed since it was read, so that it does not prove success: the reads are old, or
    /// a newer revision is DEPLOYED that the deployment does not name yet.
    func isOutdated(_ context: StepContext) -> Bool {
        guard let snapshot else { return false }
        let newest = snapshot.revisions.first { $0.status == .deployed }
        return !isFresh(context) || newest?.id != snapshot.deployment.activeRevisionID
    }

    private func isFresh(_ context: StepContext) -> Bool {
        askedAt.duration(to: context.clock.now) <= ChangeSender.freshness
    }

    /// The deployment may soon name the revision that is DEPLOYED.
    private func pause(_ context: StepContext) async throws {
        let next = context.clock.now.advanced(by: LiveRevisionCheck.pause)
        try await context.clock.sleep(until: context.deadline.map { min($0, next) } ?? next)
    }

    /// Throws `StepFailure` for one that cannot be pulled, or that may come to mean another one.
    private static func image(_ inputs: StepInputs, _ context: StepContext) throws(StepFailure) -> ImageReference? {
        let image = try DeployInputs.image(inputs)
        if let image, image.digest == nil {
            context.warn("image '\(image)' is named by a tag: the image that was deployed cannot be identified later")
        }
        return image
    }

    /// Read again if another run changed the deployment meanwhile.
    private static func lockedSnapshot(
        _ inputs: StepInputs, _ client: ControlPlaneClient, _ context: StepContext
    ) async throws -> DeploymentSnapshot? {
        guard let found = try await snapshot(inputs, client) else { return nil }
        return try await context.lock(found.deployment.id) ? try await snapshot(inputs, client) : found
    }

    private static func snapshot(
        _ inputs: StepInputs, _ client: ControlPlaneClient
    ) async throws -> DeploymentSnapshot? {
        try checked(
            await DeploymentReader(client: client)
                .snapshot(name: inputs.string("deployment"), id: inputs.string("deployment-id")))
    }

    private static func checked(_ snapshot: DeploymentSnapshot?) throws(StepFailure) -> DeploymentSnapshot? {
        if let deployment = snapshot?.deployment, deployment.status.isBeingDeleted {
            throw ImmutableFieldCheck.beingDeleted(deployment)
        }
        return snapshot
    }

    private static func name(of snapshot: DeploymentSnapshot?, _ inputs: StepInputs) throws -> String {
        guard let name = snapshot?.deployment.name ?? inputs.string("deployment") else {
            throw StepFailure(
                .configurationMissing, code: "DeploymentNotNamed", "no deployment given",
                hint: "set --deployment NAME or LANGSMITH_DEPLOYMENT_NAME")
        }
        if snapshot == nil { try DeploymentName.check(name) }
        return name
    }

    private static func desired(
        _ inputs: StepInputs, _ deployment: Deployment?, _ choice: SourceChoice, _ image: ImageReference?,
        _ settings: DeploySettings
    ) throws(StepFailure) -> DesiredRevision {
        let sha = inputs.string("sha") ?? ""
        guard !sha.isEmpty || image != nil else {
            throw StepFailure(
                .usage, code: "CommitMissing", "source '\(choice.source)' requires a commit to deploy",
                hint: "run slipway in the repository, or deploy an image with --image")
        }
        var desired = DesiredRevision(
            sha: sha, repoRef: inputs.string("ref"),
            configPath: TreePath.normalized(inputs.string("config") ?? "langgraph.json"),
            source: choice.source, repoURL: choice.source == .github ? choice.repoURL : nil, image: image)
        desired.listener = ListenerChoice(
            listenerID: inputs.string("listener-id"), namespace: inputs.string("k8s-namespace"))
        desired.changesSettings = settings.changesSomething || changesCommands(inputs, of: deployment)
        return desired
    }

    /// Whether the build gets another command than the one that the deployment has.
    private static func changesCommands(_ inputs: StepInputs, of deployment: Deployment?) -> Bool {
        guard let deployment else { return false }
        let stored = deployment.sourceConfig
        return [
            (inputs.string("install-command"), stored?.installCommand),
            (inputs.string("build-command"), stored?.buildCommand),
        ].contains { asked, stored in asked != nil && asked != stored }
    }
}

extension DeployPlan {
    /// The plan that a decision leads to, without how to wait for it.
    init(
        _ decision: DeployDecision, _ situation: DeploySituation, _ listener: ListenerChoice, _ inputs: StepInputs,
        uploads: UploadIndex.Entries
    ) {
        let (snapshot, choice) = (situation.snapshot, situation.choice)
        self.init(action: decision.action ?? .none, deployment: situation.name, source: choice.source)
        deploymentID = snapshot?.deployment.id.rawValue
        directory = inputs.string("directory") ?? "."
        (sha, ref, config) = (
            situation.desired.sha, inputs.string("ref"), situation.desired.configPath
        )
        (repoURL, integrationID) = (choice.repoURL, choice.integrationID)
        image = situation.desired.image?.text
        (listenerID, namespace) = (listener.listenerID, listener.namespace)
        deploymentType = inputs.string("deployment-type")
        (installCommand, buildCommand) = (inputs.string("install-command"), inputs.string("build-command"))
        resourceSpec = inputs.string("resource-spec")
        (secretsFile, secrets) = (inputs.string("secrets-file"), inputs.string("secrets") ?? "keep")
        settings = Settings(situation, of: snapshot?.deployment)
        switch decision {
        case .upToDate(let id), .follow(let id): revisionID = id.rawValue
        default: break
        }
        previousRevisionID = snapshot?.deployment.activeRevisionID?.rawValue
        current = snapshot?.deployment.activeRevisionID.map { _ in
            Current(snapshot?.active, choice.source, uploads: uploads)
        }
        knownRevisions = (snapshot?.revisions ?? []).map(\.id.rawValue)
        idleAt = snapshot?.underWay.isEmpty == false ? nil : situation.readAt.text
        pastDurations = (snapshot?.pastDurations ?? []).map(\.seconds)
        force = inputs.flag("force")
        (smoke, smokeGraph) = (inputs.strings("smoke"), inputs.string("smoke-graph"))
    }
}

extension DeployPlan.Current {
    fileprivate init(_ live: Revision?, _ source: DeploymentSource, uploads: UploadIndex.Entries) {
        self.init(
            sha: live?.builtCommit(uploads: uploads), ref: live?.sourceRevisionConfig?.repoRef,
            config: live?.sourceRevisionConfig?.configPath,
            // Other sources have the image that was built.
            image: source == .externalDocker ? live?.image?.text : nil)
    }
}

extension DeployPlan.Settings {
    fileprivate init(_ situation: DeploySituation, of deployment: Deployment?) {
        let settings = situation.settings
        self.init(
            stored: (deployment?.secrets ?? []).map(\.name), added: settings.secrets.added, set: settings.secrets.set,
            removed: settings.secrets.removed, kept: settings.secrets.kept,
            resourceKeys: (settings.resourceSpec ?? [:]).keys.sorted(), isChanged: situation.desired.changesSettings)
    }
}
