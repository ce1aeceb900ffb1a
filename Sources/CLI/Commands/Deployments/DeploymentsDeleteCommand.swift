import ArgumentParser
import ControlPlane
import ControlPlaneTypes
import Engine

/// `slipway deployments delete`
struct DeploymentsDeleteCommand: ResourceCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete deployments. It happens in the background, and a name stays taken until it is done.")

    @Argument(help: "The names or ids of deployments.")
    var deployments: [DeploymentArgument]

    @Flag(help: "Delete the tracing project too.")
    var deleteTracingProject = false

    @Flag(
        help:
            "Drop the record of a deployment that is being deleted already, whatever is left of it in the cluster. This cannot be undone."
    )
    var force = false

    @OptionGroup var consent: ConsentOptions
    @OptionGroup var options: ResourceOptions

    var isConsentGiven: Bool { consent.yes }
    var destroys: Bool { true }

    func perform(_ context: ResourceContext) async throws {
        var ids: [DeploymentID] = []
        for deployment in deployments {
            let id = try await deployment.id(context.client, includingDeleted: force)
            if !ids.contains(id) { ids.append(id) }
        }
        let named = deployments.map(\.text).joined(separator: ", ")
        try context.consent.require("Delete \(named)?", destroying: true)
        let deletion = BulkDeletion(
            client: context.client, deleteTracingProject: deleteTracingProject, force: force)
        let outcome = try await deletion.delete(ids)
        report(outcome, context.printer)
        if !outcome.remaining.isEmpty { throw ExitCode(Verdict.failed.exitCode) }
    }

    private func report(_ outcome: BulkDeletion.Outcome, _ printer: ResourcePrinter) {
        if printer.form == .json {
            if let answer = outcome.answer { printer.json(answer) }
            return
        }
        for id in outcome.deleted { printer.change(nil, "deleted \(id)") }
        for (id, reason) in outcome.remaining { printer.change(nil, "not deleted \(id): \(reason)") }
    }
}
