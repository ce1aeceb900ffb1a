import ArgumentParser
import ControlPlane
import ControlPlaneTypes
import Engine

/// `slipway deployments delete`
struct DeploymentsDeleteCommand: ChangingCommand {
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

    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var options: ResourceOptions

    var destroys: Bool { true }

    func perform(_ context: ResourceContext) async throws {
        var names: [DeploymentID: String] = [:]
        var ids: [DeploymentID] = []
        for deployment in deployments {
            let id = try await deployment.id(context.client, includingDeleted: force)
            if names.updateValue(deployment.text, forKey: id) == nil { ids.append(id) }
        }
        let labels = names.map { id, name in (id, name == id.rawValue ? name : "\(name) (\(id))") }
        let outcome = try await delete(ids, Dictionary(uniqueKeysWithValues: labels), context)
        guard outcome.remaining.isEmpty else {
            throw StepFailure(
                .failed, code: "NotAllDeleted",
                "\(outcome.remaining.count) of \(ids.count) deployments were not deleted",
                hint: "see them with slipway deployments list --deployment-ids, and delete those that are left again",
                details: outcome.remaining.map { "\($0): \($1)" })
        }
    }

    private func delete(
        _ ids: [DeploymentID], _ labels: [DeploymentID: String], _ context: ResourceContext
    ) async throws -> BulkDeletion.Outcome {
        let named = ids.compactMap { labels[$0] }.joined(separator: ", ")
        try context.confirmation.require("Delete \(named)?", destroying: true)
        let deletion = BulkDeletion(
            client: context.client, deleteTracingProject: deleteTracingProject, force: force)
        let outcome = try await deletion.delete(ids)
        switch context.printer.form {
        case .json: if let answer = outcome.answer { context.printer.json(answer) }
        case .text: for id in outcome.deleted { context.printer.change(nil, "deleted \(labels[id] ?? id.rawValue)") }
        }
        return outcome
    }
}
