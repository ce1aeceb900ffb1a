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
            .init("sha", isRequired: true, "the commit to deploy"),
            .init("ref", "its ref as the API has it"),
            .init("config", default: "langgraph.json", "the configuration's path in the repository"),
            .init("source", "github or internal_source; default: the existing deployment's, or what is possible"),
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
            .init("revision-id", "the revision that is live or taken up"),
            .init("previous-revision-id", "the revision that serves now"),
            .init("current-sha", "the commit that is live, as far as that is known"),
            .init("current-ref", "its ref"),
            .init("current-config", "its configuration's path"),
            .init("secret-names", "the names of the deployment's secrets"),
            .init("known-revisions", "the revisions that are there, newest first"),
            .init("clear-at", "when those were read; empty when one of them was under way"),
            .init("past-durations", "how long this deployment's last revisions took, in seconds"),
        ], reachesControlPlane: true)

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
        let client = services.client.with(deadline: context.deadline)
        let reader = DeploymentReader(client: client)
        let readAt = Timestamp(context.clock.date)
        let snapshot = try await reader.snapshot(name: inputs.string("deployment"), id: inputs.string("deployment-id"))
        if let deployment = snapshot?.deployment, deployment.status.isBeingDeleted { throw beingDeleted(deployment) }
        guard let name = snapshot?.deployment.name ?? inputs.string("deployment") else {
            throw StepFailure(
                .configurationMissing, code: "DeploymentNotNamed", "no deployment is named",
                hint: "set --deployment NAME or LANGSMITH_DEPLOYMENT_NAME")
        }
        if snapshot == nil { try DeploymentName.check(name) }
        let choice = try await SourceChoice.make(
            existing: snapshot?.deployment, asked: inputs.string("source"), repoURL: inputs.string("repo-url"),
            integrationID: inputs.string("integration-id"), client: client)
        let wanted = WantedDeploy(
            sha: inputs.string("sha") ?? "", repoRef: inputs.string("ref"),
            configPath: inputs.string("config") ?? "langgraph.json", source: choice.source,
            repoURL: choice.source == .github ? choice.repoURL : nil)
        try await PublicationCheck(inputs: inputs, context: context, ci: services.environment).check(wanted)
        let plan = await DeployPlan.decide(
            wanted: wanted, name: name, snapshot: snapshot,
            policy: .init(mustExist: inputs.flag("must-exist"), force: inputs.flag("force")),
            uploads: services.uploads.entries(), descends: { await contains(wanted.sha, in: $0, context) })
        if case .refuse(let failure) = plan { throw failure }
        report(plan, snapshot, wanted, context)
        put(plan, name, snapshot, choice, context)
        if snapshot?.underWay.isEmpty != false { context.output("clear-at", .string(readAt.text)) }
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
        _ plan: DeployPlan, _ snapshot: DeploymentSnapshot?, _ wanted: WantedDeploy, _ context: StepContext
    ) {
        guard let snapshot else { return context.note("there is no such deployment yet: it will be created") }
        let deployment = snapshot.deployment
        context.record(.deploymentSeen(services.fact(deployment, previous: deployment.activeRevisionID)))
        switch plan {
        case .upToDate(let id):
            context.note("commit \(wanted.sha.prefix(12)) is live already as revision \(id)")
            context.record(.revisionSeen(.init(id, role: .ours, status: .deployed, commitSHA: wanted.sha)))
        case .takeUp(let id): context.note("revision \(id) of this commit is under way already: watching it")
        default: context.note("deployment '\(deployment.name)' will get a new revision")
        }
    }

    private func put(
        _ plan: DeployPlan, _ name: String, _ snapshot: DeploymentSnapshot?, _ choice: SourceChoice,
        _ context: StepContext
    ) {
        context.output("deployment-name", .string(name))
        context.output("deployment-id", Value(snapshot?.deployment.id.rawValue))
        context.output("deployment-url", Value(snapshot?.deployment.servingURL))
        context.output("source", .string(choice.source.rawValue))
        context.output("repo-url", Value(choice.repoURL))
        context.output("integration-id", Value(choice.integrationID))
        context.output("previous-revision-id", Value(snapshot?.deployment.activeRevisionID?.rawValue))
        let live = snapshot?.active
        context.output("current-sha", Value(live?.builtCommit(uploads: services.uploads.entries())))
        context.output("current-ref", Value(live?.sourceRevisionConfig?.repoRef))
        context.output("current-config", Value(live?.sourceRevisionConfig?.configPath))
        let secrets = snapshot?.deployment.secrets ?? []
        context.output("secret-names", .list(secrets.map { .string($0.name) }))
        let revisions = snapshot?.revisions ?? []
        context.output("known-revisions", .list(revisions.map { .string($0.id.rawValue) }))
        context.output("past-durations", .list((snapshot?.pastDurations ?? []).map { .number($0.seconds) }))
        switch plan {
        case .upToDate(let id), .takeUp(let id): context.output("revision-id", .string(id.rawValue))
        default: break
        }
        context.output("action", .string(plan.action))
    }
}
