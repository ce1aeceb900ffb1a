import ArgumentParser
import ControlPlane
import ControlPlaneTypes
import Engine
import JSON

/// `slipway revisions`
struct RevisionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revisions", abstract: "The revisions of a deployment, as the API has them.",
        subcommands: [
            RevisionsListCommand.self, RevisionsGetCommand.self, RevisionsCreateCommand.self,
            RevisionsRedeployCommand.self, RevisionsInterruptCommand.self, RevisionsLogsCommand.self,
        ])
}

/// `slipway revisions list`
struct RevisionsListCommand: ResourceCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the revisions of a deployment, newest first: all pages.")

    @Argument(help: "The deployment's name or id.")
    var deployment: DeploymentArgument

    @Option(help: ArgumentHelp("In these statuses, by commas; repeatable.", valueName: "statuses"))
    var status: [String] = []

    @Option(
        help: ArgumentHelp("Only those that are reconciled elsewhere, or only the others.", valueName: "true|false"))
    var remoteReconciled: Bool?

    @Option(help: ArgumentHelp("No more than this many.", valueName: "n"))
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
        // Only the table says which of them serves.
        let live =
            options.output == .text && !rows.isEmpty ? try await context.client.deployment(id).activeRevisionID : nil
        context.printer.list(rows, .revisions(live: live?.rawValue), noun: "revisions")
    }
}

/// `slipway revisions get`
struct RevisionsGetCommand: ResourceCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Show everything the API says about a revision.")

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
        commandName: "create", abstract: "Make a revision of a deployment; waits for nothing (slipway deploy does).",
        discussion: "Flags, --field and --input make one body; a flag beats a field, and that beats the file.")

    @Argument(help: "The deployment's name or id.")
    var deployment: DeploymentArgument

    @OptionGroup var body: RevisionBodyOptions
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var options: ResourceOptions

    func perform(_ context: ResourceContext) async throws {
        let request = try body.document(context)
        let id = try await deployment.id(context.client)
        try context.confirmation.require("Make a revision of \(deployment.text)?")
        let made = try await make(request, of: id, context.client)
        context.printer.change(
            made, "made revision \(made["id"]?.text ?? "unknown"), status \(made["status"]?.text ?? "unknown")")
    }

    /// Older control planes make revisions only by a patch of the deployment.
    private func make(_ request: RawJSON, of id: DeploymentID, _ client: ControlPlaneClient) async throws -> RawJSON {
        do {
            return try await client.createRevision(of: id, document: request)
        } catch let error as ControlPlaneError where error.kind == .notSupported {
            let before = try await client.deployment(id).latestRevisionID?.rawValue
            let latest = try await client.patchDeployment(id, document: request)["latest_revision_id"]?.text
            guard let latest, latest != before else {
                throw StepFailure(
                    .failed, code: "NoRevision", "the control plane took the change but made no revision of it",
                    hint: "name what the revision is made of, with --ref, --config, --image or --field")
            }
            return try await client.revisionDocument(RevisionID(latest), of: id)
        }
    }
}

/// `slipway revisions redeploy`
struct RevisionsRedeployCommand: ChangingCommand {
    static let configuration = CommandConfiguration(
        commandName: "redeploy",
        abstract: "Deploy a revision again; waits for nothing (slipway rollback does).")

    @OptionGroup var named: RevisionArguments
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var options: ResourceOptions

    func perform(_ context: ResourceContext) async throws {
        let (id, revision) = try await named.ids(context.client)
        try context.confirmation.require("Deploy revision \(revision) of \(named.deployment.text) again?")
        let answer = try await context.client.redeployDocument(revision, of: id)
        let latest = answer["latest_revision_id"]?.text
        context.printer.change(
            answer,
            "revision \(revision) is being deployed again"
                + (latest.map { $0 == revision.rawValue ? "" : " as \($0)" } ?? ""))
    }
}

/// `slipway revisions interrupt`
struct RevisionsInterruptCommand: ChangingCommand {
    static let configuration = CommandConfiguration(
        commandName: "interrupt",
        abstract: "Take a revision that is stuck out of its deployment's queue.")

    @OptionGroup var named: RevisionArguments
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var options: ResourceOptions

    func perform(_ context: ResourceContext) async throws {
        let (id, revision) = try await named.ids(context.client)
        try context.confirmation.require("Interrupt revision \(revision) of \(named.deployment.text)?")
        let answer = try await context.client.interruptDocument(revision, of: id)
        context.printer.change(answer, "interrupted revision \(revision)")
    }
}
