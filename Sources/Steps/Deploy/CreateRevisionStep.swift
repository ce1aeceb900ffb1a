import ControlPlane
import ControlPlaneTypes
import Engine
import WorkflowModel

/// `create-revision`: does what preflight decided: creates the deployment, makes a revision, or takes one up.
struct CreateRevisionStep: Step {
    static let signature = StepSignature(
        uses: "create-revision",
        summary:
            "Creates the deployment or makes a new revision of it, and finds out for certain which revision it created.",
        inputs: [.init("plan", isRequired: true, "the output `plan` of preflight")],
        outputs: [
            .init("revision", "what the later steps need to know about the revision"),
            .init("deployment-id", "id of the deployment", durable: true),
            .init("revision-id", "revision that carries our commit", durable: true),
            .init("previous-revision-id", "revision that was live before", durable: true),
            .init("commit-sha", "commit; null for an image"),
            .init("image-uri", "image; null for a commit"),
            .init("changed", "whether this run made a revision"),
            .init("created", "whether this run created the deployment"),
        ], access: .changes,
        removedInputs: StepOutputs.removed(
            [
                "action", "deployment", "deployment-id", "directory", "sha", "ref", "config", "source", "repo-url",
                "image", "integration-id", "deployment-type", "listener-id", "k8s-namespace", "resource-spec",
                "secrets-file", "secrets", "changes-settings", "install-command", "build-command", "revision-id",
                "previous-revision-id", "known-revisions", "clear-at", "wait-for-turn", "force",
            ], use: ["plan"]))

    private let plan: DeployPlan
    private let services: StepServices

    init(_ inputs: StepInputs, _ services: StepServices) throws {
        plan = try inputs.required("plan", DeployPlan.self)
        guard plan.action != .none else {
            throw StepFailure(
                .invalidWorkflow, code: "NothingToDeploy", "nothing to deploy: the action of the plan is 'none'",
                hint: "skip the step: if: steps.preflight.outputs.action != 'none'")
        }
        self.services = services
    }

    func run(in context: StepContext) async throws {
        try await explainingFailures(in: context) {
            context.output("commit-sha", Value(plan.image == nil ? plan.sha : nil))
            context.output("image-uri", Value(plan.image))
            context.output("previous-revision-id", Value(plan.previousRevisionID))
            context.output("created", .bool(plan.action == .create))
            context.output("changed", .bool(plan.action != .follow))
            let revision = try await change(context)
            context.output("revision-id", .string(revision.id))
            context.output("previous-revision-id", Value(revision.previousRevisionID))
            try context.output("revision", encoding: revision)
            services.knownRevisions.add(revision, by: context.job)
            context.note(
                plan.action == .follow ? "waiting for revision \(revision.id)" : "created revision \(revision.id)")
        }
    }

    private func change(_ context: StepContext) async throws -> TrackedRevision {
        let client = services.client.with(deadline: context.deadline)
        guard plan.action == .create else {
            let deployment = try existing()
            // A resumed run does not repeat preflight, which locked it.
            try await context.lock(deployment)
            context.output("deployment-id", .string(deployment.rawValue))
            if plan.action == .follow, let id = plan.revisionID {
                return TrackedRevision(RevisionID(id), of: deployment, plan)
            }
            return try await revise(deployment, client, context)
        }
        // A commit that cannot be archived must not leave an empty deployment.
        let isUpload = plan.deploymentSource == .internalSource
        let archive = isUpload ? try await makeArchive(for: plan.deployment) : nil
        let deployment = try await create(client, context)
        context.output("deployment-id", .string(deployment.id.rawValue))
        context.record(services.fact(deployment, previous: nil, created: true))
        if isUpload { return try await revise(deployment.id, client, context, archive: archive) }
        return TrackedRevision(try await firstRevision(of: deployment, client, context), of: deployment.id, plan)
    }

    private func create(_ client: ControlPlaneClient, _ context: StepContext) async throws -> Deployment {
        var creation = DeploymentCreation(client: client, context: context, plan: plan, services: services)
        return try await ChangeSender(context: context).send(&creation, wasSent: creation.wasSent)
    }

    private func revise(
        _ deployment: DeploymentID, _ client: ControlPlaneClient, _ context: StepContext,
        archive: SourceArchive.File? = nil
    ) async throws -> TrackedRevision {
        var creation = RevisionCreation(
            client: client, context: context, plan: plan, services: services, deployment: deployment)
        if let id = context.previousAttempts.outputs["revision-id"]?.string {
            return creation.tracked(RevisionID(id))
        }
        let sender = ChangeSender(context: context)
        if plan.deploymentSource == .internalSource && !creation.wasSent {
            // Asked before the upload too, which may be needless.
            if let made = try await sender.waitUntilAllowed(&creation) { return made }
            creation.tarball = try await upload(archive, to: deployment, client, context)
        }
        return try await sender.send(&creation, wasSent: creation.wasSent)
    }

    /// The revision that creating the deployment made; nobody else has made any there yet.
    private func firstRevision(
        of deployment: Deployment, _ client: ControlPlaneClient, _ context: StepContext
    ) async throws -> RevisionID {
        if let id = deployment.latestRevisionID { return id }
        let search = RevisionSearch(client: client, context: context, deployment: deployment.id)
        let finding = try await search.wait(answered: nil) { listed in listed.last.map { .found($0.id) } ?? .notThere }
        if case .found(let id) = finding { return id }
        throw StepFailure(
            .timedOut, code: "RevisionNotFound", "deployment \(deployment.id) lists no revision",
            hint: "run slipway status to see what is in progress")
    }

    private func makeArchive(for deployment: String) async throws -> SourceArchive.File {
        try await SourceArchive(plan: plan, folder: services.scratchFolder, deployment: deployment).write()
    }

    /// The object path of the uploaded archive.
    private func upload(
        _ archive: SourceArchive.File?, to deployment: DeploymentID, _ client: ControlPlaneClient,
        _ context: StepContext
    ) async throws -> String {
        let archive = if let archive { archive } else { try await makeArchive(for: deployment.rawValue) }
        defer { archive.remove() }
        context.note("uploading \(archive.size / 1024) KiB, the tree of commit \(plan.sha.prefix(12))")
        let target = try await client.requestUpload(for: deployment)
        try await client.upload(archive: archive.path, size: archive.size, to: target)
        services.uploads.add(objectPath: target.objectPath, sha: plan.sha)
        return target.objectPath
    }

    private func existing() throws -> DeploymentID {
        guard let id = plan.deploymentID else {
            throw StepFailure(
                .invalidWorkflow, code: "InvalidStepInputs", "invalid input 'plan': missing 'deployment-id'",
                hint: "pass the output of preflight unchanged")
        }
        return DeploymentID(id)
    }
}

extension TrackedRevision {
    /// What the plan knows of a revision that this run follows.
    init(_ id: RevisionID, of deployment: DeploymentID, _ plan: DeployPlan) {
        self.init(deploymentID: deployment.rawValue, id: id.rawValue)
        previousRevisionID = plan.previousRevisionID
        sha = plan.deploymentSource == .github ? plan.sha : nil
        image = plan.image
        created = plan.action == .create
        connection = plan.connection
    }
}
