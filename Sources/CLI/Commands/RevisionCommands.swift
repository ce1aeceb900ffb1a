import ArgumentParser
import ControlPlane
import ControlPlaneTypes
import Engine
import JSON
import Steps

/// `slipway revisions`
struct RevisionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revisions", abstract: "Manage the revisions of a deployment.",
        subcommands: [
            RevisionsListCommand.self, RevisionsGetCommand.self, RevisionsCreateCommand.self,
            RevisionsRedeployCommand.self, RevisionsInterruptCommand.self, RevisionsLogsCommand.self,
        ])
}

/// `slipway revisions list`
struct RevisionsListCommand: ResourceCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the revisions of a deployment, newest first.",
        discussion: Examples.text(
            "slipway revisions list my-agent", "slipway revisions list my-agent --status DEPLOYED --limit 5"))

    @Argument(help: "Deployment name or ID.")
    var deployment: DeploymentArgument

    @Option(help: ArgumentHelp("Filter by statuses, separated by commas; repeatable.", valueName: "statuses"))
    var status: [String] = []

    @Option(
        help: ArgumentHelp("Filter by whether a remote reconciler manages them.", valueName: "true|false"))
    var remoteReconciled: Bool?

    @Option(help: ArgumentHelp("Maximum number of results.", valueName: "n"))
    var limit: Int?

    @OptionGroup var options: ResourceOptions

    func validate() throws {
        try LimitArgument.check(limit)
    }

    func perform(_ context: ResourceContext) async throws {
        let id = try await deployment.id(context.client)
        let statuses = status.flatMap { $0.split(separator: ",") }.map { RevisionStatus(rawValue: $0.uppercased()) }
        let rows = try await context.client.documents(
            .revisions(of: id, status: statuses, isRemoteReconciled: remoteReconciled), limit: limit)
        // Only the table shows which one is live.
        let live =
            options.output == .text && !rows.isEmpty ? try await context.client.deployment(id).activeRevisionID : nil
        context.printer.list(rows, .revisions(live: live?.rawValue), noun: "revisions")
    }
}

/// `slipway revisions get`
struct RevisionsGetCommand: ResourceCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Show a revision.",
        discussion: Examples.text(
            "slipway revisions get my-agent 4f2a91c0", "slipway revisions get my-agent 4f2a91c0 --output json"))

    @OptionGroup var named: RevisionArguments
    @OptionGroup var options: ResourceOptions

    func perform(_ context: ResourceContext) async throws {
        let (id, revision) = try await named.ids(context.client)
        context.printer.record(try await context.client.revisionDocument(revision, of: id))
    }
}

/// `slipway revisions create`
struct RevisionsCreateCommand: ChangingCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Create a revision without waiting for it, as slipway deploy does.",
        discussion: "Flags override --field, which overrides --input.\n\n"
            + Examples.text(
                "slipway revisions create my-agent --ref main",
                "slipway revisions create my-agent --image registry/agent:1.2.3 --yes"))

    @Argument(help: "Deployment name or ID.")
    var deployment: DeploymentArgument

    @OptionGroup var body: RevisionBodyOptions
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var records: RecordOptions
    @OptionGroup var options: ResourceOptions

    var recordSharing: RecordOptions.Sharing? { records.record }

    func perform(_ context: ResourceContext) async throws {
        let request = try body.document(context)
        let id = try await deployment.id(context.client)
        try context.confirmation.require("Create a revision of \(deployment.text)?")
        let created = try await create(request, of: id, context.client)
        let change = DirectChange.creation(
            of: created["id"]?.text.map { RevisionID($0) }, status: created["status"]?.text, in: id,
            named: deployment.text)
        if let change { await context.record(change) }
        context.printer.change(
            created,
            "created revision \(created["id"]?.text ?? "unknown"), status \(created["status"]?.text ?? "unknown")")
    }

    /// Older control planes create revisions only by a patch of the deployment.
    private func create(_ request: RawJSON, of id: DeploymentID, _ client: ControlPlaneClient) async throws -> RawJSON {
        do {
            return try await client.createRevision(of: id, document: request)
        } catch let error as ControlPlaneError where error.kind == .notSupported {
            let before = try await client.deployment(id).latestRevisionID?.rawValue
            let latest = try await client.patchDeployment(id, document: request)["latest_revision_id"]?.text
            guard let latest, latest != before else {
                throw StepFailure(
                    .failed, code: "NoRevision", "the control plane accepted the change but created no revision",
                    hint: "pass --ref, --config, --image or --field")
            }
            return try await client.revisionDocument(RevisionID(latest), of: id)
        }
    }
}

/// `slipway revisions redeploy`
struct RevisionsRedeployCommand: ChangingCommand {
    static let configuration = CommandConfiguration(
        commandName: "redeploy",
        abstract: "Redeploy a revision without waiting for it, as slipway rollback does.",
        discussion: Examples.text(
            "slipway revisions redeploy my-agent 4f2a91c0", "slipway revisions redeploy my-agent 4f2a91c0 --yes"))

    @OptionGroup var named: RevisionArguments

    @Flag(help: "Redeploy even if a newer revision is in progress.")
    var force = false

    @OptionGroup var why: ReasonOptions
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var records: RecordOptions
    @OptionGroup(title: "State") var locking: LockOptions
    @OptionGroup var options: ResourceOptions

    var lockTimeout: Duration? { locking.duration }
    var recordSharing: RecordOptions.Sharing? { records.record }

    func perform(_ context: ResourceContext) async throws {
        let (id, revision) = try await named.ids(context.client)
        let redeploy = try await RevisionRedeploy(
            revision, of: id, force: force, client: context.client, context: context.step("redeploy"))
        let reason = try context.confirmation.require(
            "Redeploy revision \(revision) of \(named.deployment.text)?", reason: why.reason,
            ChangeReason(for: [named.deployment.text], "to redeploy a revision of", context.settings))
        let made = try await redeploy.send()
        await context.record(
            .redeploy(of: revision, as: made, in: id, named: named.deployment.text, because: reason))
        let sentence = "redeploying revision \(revision)" + (made == revision ? "" : " as \(made)")
        guard options.output == .json else { return context.printer.change(nil, sentence) }
        do {
            context.printer.change(try await context.client.deploymentDocument(id), sentence)
        } catch {
            // The redeploy was accepted: an error of this read alone would say that it was not.
            guard var failure = StepFailure(explaining: error) else { throw error }
            failure.message = "\(sentence), but the deployment cannot be read: \(failure.message)"
            throw failure
        }
    }
}

/// `slipway revisions interrupt`
struct RevisionsInterruptCommand: ChangingCommand {
    static let configuration = CommandConfiguration(
        commandName: "interrupt",
        abstract: "Interrupt a revision that is stuck.",
        discussion: Examples.text(
            "slipway revisions interrupt my-agent 4f2a91c0", "slipway revisions interrupt my-agent 4f2a91c0 --yes"))

    @OptionGroup var named: RevisionArguments
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var records: RecordOptions
    @OptionGroup var options: ResourceOptions

    var recordSharing: RecordOptions.Sharing? { records.record }

    func perform(_ context: ResourceContext) async throws {
        let (id, revision) = try await named.ids(context.client)
        try context.confirmation.require("Interrupt revision \(revision) of \(named.deployment.text)?")
        let answer = try await context.client.interruptDocument(revision, of: id)
        await context.record(.interruption(of: revision, in: id, named: named.deployment.text))
        context.printer.change(answer, "interrupted revision \(revision)")
    }
}
