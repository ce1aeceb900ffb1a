import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials
import Git
import JSON
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
            .init("deployment", "name or id of the deployment"),
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
            .init("allow-mutable-image", default: false, as: .boolean, "accept an image that is named by a tag only"),
            .init("listener-id", "listener of a new deployment of an image; default: the only one"),
            .init("k8s-namespace", "namespace of a new deployment of an image; default: the only one"),
            .init("resource-spec", "JSON file whose keys are merged into the stored resource spec"),
            .init("secrets-file", "file with secrets, one NAME=value per line"),
            .init(
                "secrets", default: "keep", as: .choice(["keep", "merge", "replace"]),
                "keep, merge or replace the stored secrets"),
            .init("repo-url", "repository for the source github; default: the remote of `commit`"),
            .init("integration-id", "GitHub integration; default: the only one"),
            .init("deployment-type", default: "dev", "type of a new deployment"),
            .init("install-command", "passed on to the build"),
            .init("build-command", "passed on to the build"),
            .init("must-exist", default: false, as: .boolean, "never create a deployment"),
            .init("force", default: false, as: .boolean, "deploy even if this or a newer commit is live"),
            .init(
                "allow-unpushed", default: false, as: .boolean,
                "deploy even if the remote branch does not have the commit"),
            .init(
                "wait", default: true, as: .boolean,
                "wait for the revision, and before it for another one that is in progress"),
            .init("poll-interval", "fixed interval between polls instead of the adaptive one"),
            .init("smoke", "paths of the agent that must answer 2xx in the smoke test"),
            .init("smoke-graph", "graph that must run without an error in the smoke test"),
            .init("smoke-input", as: .json, "input of that run: JSON, or a mapping"),
            .init("on-failure", default: "rollback", as: .choice(["rollback", "keep"]), "rollback or keep"),
            .init(
                "on-superseded", default: "fail", as: .choice(["fail", "follow"]), "fail or follow the newer revision"),
            .init(
                "on-timeout", default: "keep", as: .choice(["rollback", "interrupt", "keep"]),
                "rollback, interrupt or keep"),
        ] + StepConnection.inputs,
        outputs: [
            .init("plan", "what the later steps of the deploy work with"),
            .init("action", "none, follow, create or revise"),
            .init("deployment-id", "id of the existing deployment"),
            .init("deployment-url", "address of the agent, if known"),
            .init("commit-sha", "commit to deploy; null for an image"),
            .init("revision-id", "revision that is live already or is taken up"),
            .init("previous-revision-id", "revision that is live now"),
        ], access: .reads, isMomentary: true)

    private let inputs: StepInputs
    private let services: StepServices

    init(_ inputs: StepInputs, _ services: StepServices) {
        // What was asked for is `options`; the commit and the file that this means are in `commit`.
        var commit = inputs.members("commit")
        let isFileFound = commit["config"]?.text.isEmpty == false
        let options = inputs.members("options").filter {
            $0.key != "sha" && $0.key != "ref" && !($0.key == "config" && isFileFound)
        }
        commit["repo-url"] = commit["remote-url"]
        self.inputs = inputs.completed(
            from: commit.filter { ["sha", "ref", "repo-url", "config"].contains($0.key) }.merging(options) { old, new in
                new.text.isEmpty ? old : new
            }, for: Self.signature)
        self.services = services
    }

    func run(in context: StepContext) async throws {
        try await explainingFailures(in: context) {
            let policy = try DeployPolicy(inputs)
            try DeployInputs(inputs).check()
            var situation = try await DeploySituation.read(inputs, services, context)
            let check = PushedCommitCheck(inputs: inputs, context: context, ci: services.environment)
            try await check.check(situation.desired)
            let decision = try await decide(&situation, context)
            let listener = try await listener(decision, situation)
            report(decision, situation, context)
            var plan = DeployPlan(decision, situation, listener, inputs, uploads: services.uploads.entries())
            // As text, because a structured output would round long numbers.
            let smokeInput = try GraphRun.input("smoke-input", inputs)
            plan.smokeInput = smokeInput.map { String(decoding: $0.data, as: UTF8.self) }
            policy.apply(to: &plan)
            plan.connection = services.connection
            try put(plan, situation, context)
        }
    }
}

extension PreflightStep {
    /// How often what is live is read before it proves that nothing has to be done: success is checked last.
    private static let freshReads = 3

    /// Throws the `StepFailure` of a deploy that is refused.
    private func decide(_ situation: inout DeploySituation, _ context: StepContext) async throws -> DeployDecision {
        var decision = await decide(situation, context)
        var reads = 1
        while case .upToDate = decision, reads < Self.freshReads, situation.isOutdated(context) {
            try await situation.readAgain(inputs, context)
            decision = await decide(situation, context)
            reads += 1
        }
        if case .refuse(let failure) = decision {
            // The reports name what is live.
            if let snapshot = situation.snapshot { context.record(services.fact(snapshot)) }
            throw failure
        }
        if decision == .createDeployment, inputs.string("deployment-type") == "dev",
            [situation.name, services.environment.environmentName].compactMap(\.self).contains(where: Self.isProduction)
        {
            context.warn(
                "'\(situation.name)' is created with the type dev, which cannot be changed later; "
                    + "pass --deployment-type prod for production")
        }
        return decision
    }

    private func decide(_ situation: DeploySituation, _ context: StepContext) async -> DeployDecision {
        let desired = situation.desired
        let uploads = services.uploads.entries()
        let force = inputs.flag("force")
        let replaced = DeployDecision.replacedCommits(
            desired: desired, snapshot: situation.snapshot, force: force, uploads: uploads)
        let decision = DeployDecision.decide(
            desired: desired, name: situation.name, snapshot: situation.snapshot,
            policy: .init(mustExist: inputs.flag("must-exist"), force: force), uploads: uploads,
            newer: await commits(replaced, containing: desired.sha, context))
        guard decision == .createRevision, !force, desired.image != nil, let snapshot = situation.snapshot,
            let stranger = services.knownRevisions.stranger(in: snapshot, for: context.job)
        else { return decision }
        return .refuse(.overtaken((desired.subject, situation.name), by: stranger))
    }

    private static func isProduction(_ name: String) -> Bool {
        name.lowercased().split { !$0.isLetter }.contains { ["prod", "production"].contains($0) }
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
    private func listener(_ decision: DeployDecision, _ situation: DeploySituation) async throws -> ListenerChoice {
        guard decision == .createDeployment, situation.choice.source == .externalDocker else { return ListenerChoice() }
        return try ListenerChoice.decide(
            try await situation.client.listeners(), askedID: inputs.string("listener-id"),
            askedNamespace: inputs.string("k8s-namespace"))
    }

    private func put(_ plan: DeployPlan, _ situation: DeploySituation, _ context: StepContext) throws {
        context.output("deployment-id", Value(plan.deploymentID))
        context.output("deployment-url", Value(situation.snapshot?.deployment.servingURL))
        context.output("commit-sha", Value(plan.image == nil ? plan.sha : nil))
        context.output("previous-revision-id", Value(plan.previousRevisionID))
        context.output("revision-id", Value(plan.revisionID))
        try context.output("plan", encoding: plan)
        services.knownRevisions.add(plan, by: context.job)
        context.output("action", .string(plan.action.rawValue))
    }
}

extension PreflightStep {
    private func report(_ decision: DeployDecision, _ situation: DeploySituation, _ context: StepContext) {
        if let snapshot = situation.snapshot {
            context.record(services.fact(snapshot))
        }
        let subject = situation.desired.subject
        switch decision {
        case .upToDate(let id):
            context.note("\(subject) is live already as revision \(id)")
            let commit = situation.desired.image == nil ? situation.desired.sha : nil
            context.record(RevisionSeen(id, role: .ours, status: .deployed, commitSHA: commit))
        case .follow(let id): context.note("revision \(id) of \(subject) is already in progress: waiting for it")
        case .createDeployment: context.note("deployment '\(situation.name)' does not exist: creating it")
        case .createRevision, .refuse: context.note("deployment '\(situation.name)' gets a new revision")
        }
        reportSettings(situation, context)
    }

    /// Names, never values.
    private func reportSettings(_ situation: DeploySituation, _ context: StepContext) {
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
