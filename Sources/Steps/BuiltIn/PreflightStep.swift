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
            .init("deployment", "the deployment's name"),
            .init("deployment-id", "the deployment's id, instead of its name"),
            .init("directory", default: ".", "a folder inside the repository"),
            .init("sha", "the commit to deploy; for an image it is only recorded"),
            .init("ref", "its ref as the API has it"),
            .init("config", default: "langgraph.json", "the configuration's path in the repository"),
            .init(
                "source",
                "github, internal_source or external_docker; default: the existing deployment's, or what is possible"),
            .init("image", "the image, for the source external_docker"),
            .init("allow-mutable-image", default: false, "go on although a tag alone names the image"),
            .init("listener-id", "the listener for a new deployment of an image; default: the only one there is"),
            .init("k8s-namespace", "its namespace; default: the only one there is"),
            .init("resource-spec", "a JSON file whose keys are put into the stored resource spec"),
            .init("secrets-file", "a file with the secrets, NAME=value a line"),
            .init("secrets", default: "keep", "keep, merge or replace the stored secrets"),
            .init("repo-url", "the repository as the control plane fetches it"),
            .init("integration-id", "the GitHub integration; default: the only one there is"),
            .init("must-exist", default: false, "never create a deployment"),
            .init("force", default: false, "deploy though this commit, or a newer one, is live"),
            .init("allow-unpushed", default: false, "go on although the remote branch does not have the commit"),
        ],
        outputs: [
            .init("action", "none, take-up, create or revise"),
            .init("deployment-id", "the existing deployment"),
            .init("deployment-name", "its name"),
            .init("deployment-url", "where it answers, as far as that is known"),
            .init("source", "the source that will be used"),
            .init("repo-url", "the repository for the source github"),
            .init("integration-id", "the integration for a new deployment of the source github"),
            .init("listener-id", "the listener for a new deployment of an image"),
            .init("k8s-namespace", "its namespace"),
            .init("commit-sha", "the commit that is deployed; null for an image"),
            .init("revision-id", "the revision that is live or taken up"),
            .init("previous-revision-id", "the revision that serves now"),
            .init("current-sha", "the commit that is live, as far as that is known"),
            .init("current-ref", "its ref"),
            .init("current-config", "its configuration's path"),
            .init("current-image", "the image that is live, for the source external_docker"),
            .init("changes-settings", "whether secrets or resources have to be set, as far as can be told"),
            .init("secret-names", "the names of the deployment's secrets"),
            .init("secrets-added", "the names of secrets that it will get"),
            .init("secrets-set", "the names of secrets whose value is written anew"),
            .init("secrets-removed", "the names of secrets that it will lose"),
            .init("secrets-kept", "the names of secrets that stay as they are"),
            .init("resource-keys", "the keys of the resource spec that are given"),
            .init("known-revisions", "the revisions that are there, newest first"),
            .init("clear-at", "when those were read; empty when one of them was under way"),
            .init("past-durations", "how long this deployment's last revisions took, in seconds"),
        ], access: .reads)

    private let inputs: StepInputs
    private let services: StepServices

    init(_ inputs: StepInputs, _ services: StepServices) {
        self.inputs = inputs
        self.services = services
    }

    func run(in context: StepContext) async throws {
        try await explainingFailures { try await decide(context) }
    }

    private func decide(_ context: StepContext) async throws {
        let given = try RequestedSettings(inputs, services.settingsFiles, context)
        let image = try image(context)
        let client = services.client.with(deadline: context.deadline)
        let readAt = Timestamp(context.clock.date)
        let snapshot = try await snapshot(client)
        let name = try name(of: snapshot)
        let choice = try await SourceChoice.make(
            existing: snapshot?.deployment, asked: inputs.string("source"), image: image,
            repoURL: inputs.string("repo-url"), integrationID: inputs.string("integration-id"), client: client)
        try given.checkNames(for: choice.source)
        let settings = try given.settings(for: snapshot?.deployment, context)
        let wanted = try wanted(choice, image, settings)
        try await PushedCommitCheck(inputs: inputs, context: context, ci: services.environment).check(wanted)
        let plan = await DeployDecision.decide(
            wanted: wanted, name: name, snapshot: snapshot,
            policy: .init(mustExist: inputs.flag("must-exist"), force: inputs.flag("force")),
            uploads: services.uploads.entries(), descends: { await contains(wanted.sha, in: $0, context) })
        if case .refuse(let failure) = plan { throw failure }
        let listener = try await listener(plan, choice, client)
        report(plan, snapshot, wanted, context)
        PreflightNotes(context: context, mode: inputs.string("secrets") ?? "keep", path: inputs.string("secrets-file"))
            .tell(settings, given, snapshot?.deployment, choice.source)
        PreflightOutputs(context: context, uploads: services.uploads.entries())
            .put(plan, name, snapshot, choice, wanted, settings, listener)
        if snapshot?.underWay.isEmpty != false { context.output("clear-at", .string(readAt.text)) }
    }

    /// Throws `StepFailure` for one that cannot be pulled, or that may come to mean another one.
    private func image(_ context: StepContext) throws(StepFailure) -> ImageReference? {
        guard let image = inputs.string("image").map(ImageReference.init) else { return nil }
        if let problem = image.problem {
            throw StepFailure(
                .usage, code: "InvalidImage", "'\(image)' is no image: \(problem)",
                hint: "write --image as REGISTRY/NAME@sha256:DIGEST")
        }
        if image.digest == nil {
            guard inputs.flag("allow-mutable-image") else {
                throw StepFailure(
                    .usage, code: "MutableImage",
                    "the image '\(image)' is named by a tag, which may mean another image when it is pulled",
                    hint: "name it by its digest, REGISTRY/NAME@sha256:DIGEST, or go on with --allow-mutable-image")
            }
            context.warn("the image '\(image)' is named by a tag: nobody can tell later which image was deployed")
        }
        return image
    }

    private func snapshot(_ client: ControlPlaneClient) async throws -> DeploymentSnapshot? {
        let snapshot = try await DeploymentReader(client: client)
            .snapshot(name: inputs.string("deployment"), id: inputs.string("deployment-id"))
        if let deployment = snapshot?.deployment, deployment.status.isBeingDeleted { throw beingDeleted(deployment) }
        return snapshot
    }

    private func name(of snapshot: DeploymentSnapshot?) throws -> String {
        guard let name = snapshot?.deployment.name ?? inputs.string("deployment") else {
            throw StepFailure(
                .configurationMissing, code: "DeploymentNotNamed", "no deployment is named",
                hint: "set --deployment NAME or LANGSMITH_DEPLOYMENT_NAME")
        }
        if snapshot == nil { try DeploymentName.check(name) }
        return name
    }

    private func wanted(
        _ choice: SourceChoice, _ image: ImageReference?, _ settings: DeploySettings
    ) throws(StepFailure) -> DesiredRevision {
        let sha = inputs.string("sha") ?? ""
        guard !sha.isEmpty || image != nil else {
            throw StepFailure(
                .usage, code: "CommitMissing", "source '\(choice.source)' needs a commit to deploy",
                hint: "run slipway in the repository, or deploy an image with --image")
        }
        var wanted = DesiredRevision(
            sha: sha, repoRef: inputs.string("ref"), configPath: inputs.string("config") ?? "langgraph.json",
            source: choice.source, repoURL: choice.source == .github ? choice.repoURL : nil, image: image)
        wanted.listener = ListenerChoice(
            listenerID: inputs.string("listener-id"), namespace: inputs.string("k8s-namespace"))
        wanted.changesSettings = settings.changesSomething
        return wanted
    }

    /// Only a new deployment of an image has a choice.
    private func listener(
        _ plan: DeployDecision, _ choice: SourceChoice, _ client: ControlPlaneClient
    ) async throws -> ListenerChoice {
        guard plan == .createDeployment, choice.source == .externalDocker else { return ListenerChoice() }
        return try ListenerChoice.decide(
            try await client.listeners(), askedID: inputs.string("listener-id"),
            askedNamespace: inputs.string("k8s-namespace"))
    }

    /// Whether `commit` contains `sha`, as far as this clone can tell.
    private func contains(_ sha: String, in commit: String, _ context: StepContext) async -> Bool? {
        let answer = await AncestryReader(directory: inputs.string("directory") ?? ".").isAncestor(sha, of: commit)
        if answer == nil {
            context.warn(
                "could not tell whether \(commit.prefix(12)), which is there now, is newer than \(sha.prefix(12)): "
                    + "this clone does not have it (in CI, check out with fetch-depth: 0, or GIT_DEPTH: 0)")
        }
        return answer
    }

    private func beingDeleted(_ deployment: Deployment) -> StepFailure {
        StepFailure(
            .failed, code: "DeploymentBeingDeleted",
            "deployment '\(deployment.name)' is being deleted (\(deployment.status))",
            hint: "use another --deployment name; this one stays taken until the clean-up ends")
    }

    private func report(
        _ plan: DeployDecision, _ snapshot: DeploymentSnapshot?, _ wanted: DesiredRevision, _ context: StepContext
    ) {
        guard let snapshot else { return context.note("there is no such deployment yet: it will be created") }
        let deployment = snapshot.deployment
        context.record(services.fact(snapshot))
        switch plan {
        case .upToDate(let id):
            context.note("\(wanted.subject) is live already as revision \(id)")
            let commit = wanted.image == nil ? wanted.sha : nil
            context.record(RevisionSeen(id, role: .ours, status: .deployed, commitSHA: commit))
        case .takeUp(let id): context.note("revision \(id) of \(wanted.subject) is under way already: watching it")
        default: context.note("deployment '\(deployment.name)' will get a new revision")
        }
    }
}
