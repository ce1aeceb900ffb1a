import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import WorkflowModel

/// `preflight`: reads the control plane and decides what a deploy has to do. Changes nothing.
struct PreflightStep: Step {
    static let signature = StepSignature(
        uses: "preflight",
        summary: "Reads what is deployed and decides what has to be done; changes nothing.",
        inputs: [
            .init(
                "options", "a mapping with inputs of this step that are not given one by one, such as `${{ inputs }}`"),
            .init("commit", "the outputs of the `git` step: the commit, its ref and the remote"),
            .init("deployment", "name of the deployment"),
            .init("deployment-id", "id of the deployment, instead of its name"),
            .init("directory", default: ".", "folder inside the repository"),
            .init("sha", "commit to deploy; only recorded for an image; default: that of `commit`"),
            .init("ref", "branch, or refs/tags/NAME; default: that of `commit`"),
            .init("config", default: "langgraph.json", "path of the configuration in the repository"),
            .init(
                "source",
                "github, internal_source or external_docker; default: that of the existing deployment, or what is possible"
            ),
            .init("image", "image to deploy, for the source external_docker"),
            .init("allow-mutable-image", default: false, "accept an image that is named by a tag only"),
            .init("listener-id", "listener of a new deployment of an image; default: the only one"),
            .init("k8s-namespace", "namespace of a new deployment of an image; default: the only one"),
            .init("resource-spec", "JSON file whose keys are merged into the stored resource spec"),
            .init("secrets-file", "file with secrets, one NAME=value per line"),
            .init("secrets", default: "keep", "keep, merge or replace the stored secrets"),
            .init("repo-url", "repository for the source github; default: the remote of `commit`"),
            .init("integration-id", "GitHub integration; default: the only one"),
            .init("deployment-type", default: "dev", "type of a new deployment"),
            .init("install-command", "passed on to the build"),
            .init("build-command", "passed on to the build"),
            .init("must-exist", default: false, "never create a deployment"),
            .init("force", default: false, "deploy even if this or a newer commit is live"),
            .init("allow-unpushed", default: false, "deploy even if the remote branch does not have the commit"),
            .init("wait", default: true, "wait for the revision, and before it for another one that is in progress"),
            .init("poll-interval", "fixed interval between polls instead of the adaptive one"),
            .init("smoke", "paths of the agent that must answer 2xx in the smoke test"),
            .init("smoke-graph", "graph that must run without an error in the smoke test"),
            .init("on-failure", default: "rollback", "rollback or keep"),
            .init("on-superseded", default: "fail", "fail or follow the newer revision"),
            .init("on-timeout", default: "keep", "rollback, interrupt or keep"),
        ],
        outputs: [
            .init("plan", "what the later steps of the deploy work with"),
            .init("action", "none, take-up, create or revise"),
            .init("deployment-id", "id of the existing deployment"),
            .init("deployment-url", "address of the agent, if known"),
            .init("commit-sha", "commit to deploy; null for an image"),
            .init("revision-id", "revision that is live already or is taken up"),
            .init("previous-revision-id", "revision that is live now"),
        ], access: .reads)

    private let inputs: StepInputs
    private let services: StepServices

    init(_ inputs: StepInputs, _ services: StepServices) {
        // What was asked for is `options`; the commit that this means is `commit`.
        let options = inputs.members("options").filter { $0.key != "sha" && $0.key != "ref" }
        var commit = inputs.members("commit")
        commit["repo-url"] = commit["remote-url"]
        self.inputs = inputs.completed(
            from: commit.filter { ["sha", "ref", "repo-url"].contains($0.key) }.merging(options) { old, new in
                new.text.isEmpty ? old : new
            }, for: Self.signature)
        self.services = services
    }

    func run(in context: StepContext) async throws {
        try await explainingFailures {
            let policy = try DeployPolicy(inputs)
            try SmokePath.check(inputs.strings("smoke"))
            let situation = try await read(context)
            let decision = try await decide(situation, context)
            let listener = try await listener(decision, situation)
            report(decision, situation, context)
            try put(plan(decision, situation, listener, policy), situation, context)
        }
    }

    /// What was read, and what is wanted.
    private struct Situation {
        var client: ControlPlaneClient
        var snapshot: DeploymentSnapshot?
        var readAt: Timestamp
        var name: String
        var choice: SourceChoice
        var settings: DeploySettings
        var requested: RequestedSettings
        var desired: DesiredRevision
    }

    private func read(_ context: StepContext) async throws -> Situation {
        let requested = try RequestedSettings(inputs, services.settingsFiles, context)
        let image = try image(context)
        let client = services.client.with(deadline: context.deadline)
        let readAt = Timestamp(context.clock.date)
        let snapshot = try await snapshot(client)
        let name = try name(of: snapshot)
        let choice = try await SourceChoice.make(
            existing: snapshot?.deployment, asked: inputs.string("source"), image: image,
            repoURL: inputs.string("repo-url"), integrationID: inputs.string("integration-id"), client: client)
        try requested.checkNames(for: choice.source)
        let settings = try requested.settings(for: snapshot?.deployment, context)
        return Situation(
            client: client, snapshot: snapshot, readAt: readAt, name: name, choice: choice, settings: settings,
            requested: requested, desired: try desired(choice, image, settings))
    }

    /// Throws `StepFailure` for one that cannot be pulled, or that may come to mean another one.
    private func image(_ context: StepContext) throws(StepFailure) -> ImageReference? {
        guard let image = inputs.string("image").map(ImageReference.init) else { return nil }
        if let problem = image.problem {
            throw StepFailure(
                .usage, code: "InvalidImage", "invalid image '\(image)': \(problem)",
                hint: "write --image as REGISTRY/NAME@sha256:DIGEST")
        }
        if image.digest == nil {
            guard inputs.flag("allow-mutable-image") else {
                throw StepFailure(
                    .usage, code: "MutableImage",
                    "image '\(image)' is named by a tag, which can change before it is pulled",
                    hint: "name it by its digest, REGISTRY/NAME@sha256:DIGEST, or pass --allow-mutable-image")
            }
            context.warn("image '\(image)' is named by a tag: the image that was deployed cannot be identified later")
        }
        return image
    }

    private func snapshot(_ client: ControlPlaneClient) async throws -> DeploymentSnapshot? {
        let snapshot = try await DeploymentReader(client: client)
            .snapshot(name: inputs.string("deployment"), id: inputs.string("deployment-id"))
        if let deployment = snapshot?.deployment, deployment.status.isBeingDeleted {
            throw ImmutableFieldCheck.beingDeleted(deployment)
        }
        return snapshot
    }

    private func name(of snapshot: DeploymentSnapshot?) throws -> String {
        guard let name = snapshot?.deployment.name ?? inputs.string("deployment") else {
            throw StepFailure(
                .configurationMissing, code: "DeploymentNotNamed", "no deployment given",
                hint: "set --deployment NAME or LANGSMITH_DEPLOYMENT_NAME")
        }
        if snapshot == nil { try DeploymentName.check(name) }
        return name
    }

    private func desired(
        _ choice: SourceChoice, _ image: ImageReference?, _ settings: DeploySettings
    ) throws(StepFailure) -> DesiredRevision {
        let sha = inputs.string("sha") ?? ""
        guard !sha.isEmpty || image != nil else {
            throw StepFailure(
                .usage, code: "CommitMissing", "source '\(choice.source)' requires a commit to deploy",
                hint: "run slipway in the repository, or deploy an image with --image")
        }
        var desired = DesiredRevision(
            sha: sha, repoRef: inputs.string("ref"), configPath: inputs.string("config") ?? "langgraph.json",
            source: choice.source, repoURL: choice.source == .github ? choice.repoURL : nil, image: image)
        desired.listener = ListenerChoice(
            listenerID: inputs.string("listener-id"), namespace: inputs.string("k8s-namespace"))
        desired.changesSettings = settings.changesSomething
        return desired
    }
}

extension PreflightStep {
    /// Throws the `StepFailure` of a deploy that is refused.
    private func decide(_ situation: Situation, _ context: StepContext) async throws -> DeployDecision {
        let desired = situation.desired
        try await PushedCommitCheck(inputs: inputs, context: context, ci: services.environment).check(desired)
        let uploads = services.uploads.entries()
        let force = inputs.flag("force")
        let replaced = DeployDecision.replacedCommits(
            desired: desired, snapshot: situation.snapshot, force: force, uploads: uploads)
        let decision = DeployDecision.decide(
            desired: desired, name: situation.name, snapshot: situation.snapshot,
            policy: .init(mustExist: inputs.flag("must-exist"), force: force), uploads: uploads,
            newer: await commits(replaced, containing: desired.sha, context))
        if case .refuse(let failure) = decision { throw failure }
        return decision
    }

    private func commits(_ commits: [String], containing sha: String, _ context: StepContext) async -> Set<String> {
        let ancestry = AncestryReader(directory: inputs.string("directory") ?? ".")
        var newer: Set<String> = []
        for commit in commits {
            switch await ancestry.isAncestor(sha, of: commit) {
            case true?: newer.insert(commit)
            case false?: break
            case nil:
                context.warn(
                    "cannot determine whether the deployed commit \(commit.prefix(12)) is newer than "
                        + "\(sha.prefix(12)): this clone does not have it (in CI, check out with fetch-depth: 0, or "
                        + "GIT_DEPTH: 0)")
            }
        }
        return newer
    }

    /// Only a new deployment of an image has a choice.
    private func listener(_ decision: DeployDecision, _ situation: Situation) async throws -> ListenerChoice {
        guard decision == .createDeployment, situation.choice.source == .externalDocker else { return ListenerChoice() }
        return try ListenerChoice.decide(
            try await situation.client.listeners(), askedID: inputs.string("listener-id"),
            askedNamespace: inputs.string("k8s-namespace"))
    }

    private func plan(
        _ decision: DeployDecision, _ situation: Situation, _ listener: ListenerChoice, _ policy: DeployPolicy
    ) -> DeployPlan {
        let (snapshot, choice) = (situation.snapshot, situation.choice)
        var plan = DeployPlan(
            action: decision.action ?? .none, deployment: situation.name, source: choice.source)
        plan.deploymentID = snapshot?.deployment.id.rawValue
        plan.directory = inputs.string("directory") ?? "."
        (plan.sha, plan.ref, plan.config) = (
            situation.desired.sha, inputs.string("ref"), situation.desired.configPath
        )
        (plan.repoURL, plan.integrationID) = (choice.repoURL, choice.integrationID)
        plan.image = situation.desired.image?.text
        (plan.listenerID, plan.namespace) = (listener.listenerID, listener.namespace)
        plan.deploymentType = inputs.string("deployment-type")
        (plan.installCommand, plan.buildCommand) = (inputs.string("install-command"), inputs.string("build-command"))
        plan.resourceSpec = inputs.string("resource-spec")
        (plan.secretsFile, plan.secrets) = (inputs.string("secrets-file"), inputs.string("secrets") ?? "keep")
        plan.settings = DeployPlan.Settings(situation.settings, of: snapshot?.deployment)
        switch decision {
        case .upToDate(let id), .takeUp(let id): plan.revisionID = id.rawValue
        default: break
        }
        plan.previousRevisionID = snapshot?.deployment.activeRevisionID?.rawValue
        plan.current = snapshot?.deployment.activeRevisionID.map { _ in current(snapshot?.active, choice.source) }
        plan.knownRevisions = (snapshot?.revisions ?? []).map(\.id.rawValue)
        plan.idleAt = snapshot?.underWay.isEmpty == false ? nil : situation.readAt.text
        plan.pastDurations = (snapshot?.pastDurations ?? []).map(\.seconds)
        plan.force = inputs.flag("force")
        (plan.smoke, plan.smokeGraph) = (inputs.strings("smoke"), inputs.string("smoke-graph"))
        policy.apply(to: &plan)
        return plan
    }

    private func current(_ live: Revision?, _ source: DeploymentSource) -> DeployPlan.Current {
        DeployPlan.Current(
            sha: live?.builtCommit(uploads: services.uploads.entries()), ref: live?.sourceRevisionConfig?.repoRef,
            config: live?.sourceRevisionConfig?.configPath,
            // Other sources have the image that was built.
            image: source == .externalDocker ? live?.image?.text : nil)
    }

    private func put(_ plan: DeployPlan, _ situation: Situation, _ context: StepContext) throws {
        context.output("deployment-id", Value(plan.deploymentID))
        context.output("deployment-url", Value(situation.snapshot?.deployment.servingURL))
        context.output("commit-sha", Value(plan.image == nil ? plan.sha : nil))
        context.output("previous-revision-id", Value(plan.previousRevisionID))
        context.output("revision-id", Value(plan.revisionID))
        try context.output("plan", encoding: plan)
        context.output("action", .string(plan.action.rawValue))
    }
}

extension PreflightStep {
    private func report(_ decision: DeployDecision, _ situation: Situation, _ context: StepContext) {
        if let snapshot = situation.snapshot {
            context.record(services.fact(snapshot))
        }
        let subject = situation.desired.subject
        switch decision {
        case .upToDate(let id):
            context.note("\(subject) is live already as revision \(id)")
            let commit = situation.desired.image == nil ? situation.desired.sha : nil
            context.record(RevisionSeen(id, role: .ours, status: .deployed, commitSHA: commit))
        case .takeUp(let id): context.note("revision \(id) of \(subject) is already in progress: waiting for it")
        case .createDeployment: context.note("deployment '\(situation.name)' does not exist: creating it")
        case .createRevision, .refuse: context.note("deployment '\(situation.name)' gets a new revision")
        }
        reportSettings(situation, context)
    }

    /// Names, never values.
    private func reportSettings(_ situation: Situation, _ context: StepContext) {
        let (settings, deployment) = (situation.settings, situation.snapshot?.deployment)
        if situation.requested.isFileOpen, let path = inputs.string("secrets-file") {
            context.warn("secrets file \(path) is readable by others than its owner: run chmod 600 \(path)")
        }
        if settings.secrets.sent != nil, let summary = settings.secrets.summary {
            context.note("secrets (\(deployment == nil ? "new" : inputs.string("secrets") ?? "keep")): \(summary)")
        }
        let ignored = situation.requested.ignoredNames(deployment)
        if !ignored.isEmpty {
            context.warn(
                "the stored secrets are kept, so \(ignored.sorted().joined(separator: ", ")) of the secrets file will "
                    + "not be set: use --secrets merge or replace to set them")
        }
        guard let spec = settings.resourceSpec else { return }
        context.note("resource spec: \(spec.keys.sorted().joined(separator: ", "))")
        if situation.choice.source != .externalDocker {
            context.warn(
                "a resource spec is documented for the source external_docker only, not for \(situation.choice.source)")
        }
    }
}

/// How a deploy waits, and what it does when it fails.
private struct DeployPolicy {
    private let waits: Bool
    private let pollInterval: String?
    private let onFailure: DeployPlan.OnFailure
    private let onSuperseded: DeployPlan.OnSuperseded
    private let onTimeout: DeployPlan.OnTimeout

    init(_ inputs: StepInputs) throws {
        waits = inputs.flag("wait")
        pollInterval = inputs.string("poll-interval")
        onFailure = try inputs.choice("on-failure")
        onSuperseded = try inputs.choice("on-superseded")
        onTimeout = try inputs.choice("on-timeout")
        _ = try PollSchedule(fixed: pollInterval, pastSeconds: [])
    }

    func apply(to plan: inout DeployPlan) {
        plan.waits = waits
        plan.pollInterval = pollInterval
        (plan.onFailure, plan.onSuperseded, plan.onTimeout) = (onFailure, onSuperseded, onTimeout)
    }
}

extension DeployPlan.Settings {
    fileprivate init(_ settings: DeploySettings, of deployment: Deployment?) {
        self.init(
            stored: (deployment?.secrets ?? []).map(\.name), added: settings.secrets.added, set: settings.secrets.set,
            removed: settings.secrets.removed, kept: settings.secrets.kept,
            resourceKeys: (settings.resourceSpec ?? [:]).keys.sorted(), isChanged: settings.changesSomething)
    }
}
