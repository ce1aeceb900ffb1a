import ArgumentParser
import ControlPlane
import ControlPlaneTypes
import Engine
import JSON

/// `slipway deployments delete`
struct DeploymentsDeleteCommand: ChangingCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete deployments.",
        discussion: "Deletion runs in the background; the name stays in use until it ends.\n\n"
            + Examples.text(
                "slipway deployments delete my-agent", "slipway deployments delete my-agent old-agent --yes"))

    @Argument(help: "Deployment names or IDs.")
    var deployments: [DeploymentArgument]

    @Flag(help: "Also delete the tracing project.")
    var deleteTracingProject = false

    @Flag(
        help:
            "Remove the record of a deployment whose deletion is stuck, whatever remains in the cluster."
    )
    var force = false

    @OptionGroup var why: ReasonOptions
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var records: RecordOptions
    @OptionGroup var options: ResourceOptions

    var destroys: Bool { true }
    var recordSharing: RecordOptions.Sharing? { records.record }

    func perform(_ context: ResourceContext) async throws {
        var names: [DeploymentID: String] = [:]
        var ids: [DeploymentID] = []
        for deployment in deployments {
            let id = try await deployment.id(context.client, includingDeleted: force)
            if names.updateValue(deployment.text, forKey: id) == nil { ids.append(id) }
        }
        let labels = names.map { id, name in (id, name == id.rawValue ? name : "\(name) (\(id))") }
        let outcome = try await delete(ids, names, Dictionary(uniqueKeysWithValues: labels), context)
        guard outcome.remaining.isEmpty else {
            throw StepFailure(
                .failed, code: "NotAllDeleted",
                "cannot delete \(outcome.remaining.count) of \(ids.count) deployments",
                hint:
                    "run slipway deployments list --deployment-ids to check them, and delete the remaining ones again",
                details: outcome.remaining.map { "\($0): \($1)" })
        }
    }

    private func delete(
        _ ids: [DeploymentID], _ names: [DeploymentID: String], _ labels: [DeploymentID: String],
        _ context: ResourceContext
    ) async throws -> BulkDeletion.Outcome {
        let named = ids.compactMap { labels[$0] }.joined(separator: ", ")
        let reason = try context.confirmation.require(
            "Delete \(named)?", destroying: true, reason: why.reason,
            ChangeReason(for: deployments.map(\.text), "to delete", context.settings))
        let deletion = BulkDeletion(
            client: context.client, deleteTracingProject: deleteTracingProject, force: force)
        let outcome = try await deletion.delete(ids)
        if !outcome.deleted.isEmpty {
            await context.record(.deletion(of: outcome.deleted.map { ($0, names[$0]) }, because: reason))
        }
        switch context.printer.form {
        case .json: if let answer = outcome.answer { context.printer.json(answer) }
        case .text: for id in outcome.deleted { context.printer.change(nil, "deleted \(labels[id] ?? id.rawValue)") }
        }
        return outcome
    }
}

/// Deletes deployments in as few requests as the control plane allows, and checks the result of each.
struct BulkDeletion: Sendable {
    struct Outcome: Sendable {
        var deleted: [DeploymentID] = []
        /// With the reason, when it is known.
        var remaining: [(DeploymentID, String)] = []
        /// The responses of the control plane.
        var answers: [RawJSON] = []

        var answer: RawJSON? { answers.count > 1 ? .array(answers) : answers.first }
    }

    let client: ControlPlaneClient
    let deleteTracingProject: Bool
    let force: Bool

    /// The most deployments that the API deletes in one request.
    private static let mostAtOnce = 100

    /// Throws `ControlPlaneError` when the only request, or the first of several, is refused.
    func delete(_ ids: [DeploymentID]) async throws -> Outcome {
        // Only the request for a single deployment accepts the two options.
        if ids.count == 1 || deleteTracingProject || force { return try await deleteEach(ids) }
        var outcome = Outcome()
        for start in stride(from: 0, to: ids.count, by: Self.mostAtOnce) {
            let some = Array(ids.dropFirst(start).prefix(Self.mostAtOnce))
            do {
                let answer = try await client.deleteDeployments(some)
                outcome.answers += [answer].compactMap(\.self)
                try await addResults(of: some, DeletionResponse(answer: answer), to: &outcome)
            } catch let error as ControlPlaneError where error.kind == .notSupported && start == 0 {
                return try await deleteEach(ids)
            }
        }
        return outcome
    }

    private func deleteEach(_ ids: [DeploymentID]) async throws -> Outcome {
        var outcome = Outcome()
        for id in ids {
            do {
                try await client.deleteDeployment(id, deleteTracingProject: deleteTracingProject, force: force)
                outcome.deleted.append(id)
            } catch let error as ControlPlaneError where ids.count > 1 && error.kind.isAboutOneResource {
                outcome.remaining.append((id, error.message))
            }
        }
        return outcome
    }

    /// The response to a partial deletion has no published format, so the list of deployments decides.
    private func addResults(
        of ids: [DeploymentID], _ answer: DeletionResponse, to outcome: inout Outcome
    ) async throws {
        var filter = DeploymentFilter()
        filter.ids = ids
        let left = try await client.allDeployments(filter).filter { !$0.status.isBeingDeleted }.map(\.id)
        for id in ids {
            if left.contains(id) {
                outcome.remaining.append((id, answer.reason(for: id) ?? "it still exists"))
            } else {
                outcome.deleted.append(id)
            }
        }
    }
}

extension ControlPlaneError.Kind {
    /// Whether the request may succeed for another resource.
    fileprivate var isAboutOneResource: Bool {
        switch self {
        case .notFound, .conflict, .rejected: true
        default: false
        }
    }
}

/// The response to the deletion of several deployments, whose format is not published.
struct DeletionResponse: Sendable {
    let answer: RawJSON?

    private static let keys = ["error", "detail", "reason", "message", "msg"]

    /// Why a deployment was not deleted: the text beside its ID or below it.
    func reason(for id: DeploymentID) -> String? {
        answer.flatMap { Self.reason(for: id.rawValue, in: $0) }
    }

    private static func reason(for id: String, in value: RawJSON) -> String? {
        if let elements = value.elements { return elements.lazy.compactMap { reason(for: id, in: $0) }.first }
        guard let members = value.members else { return nil }
        if members.contains(where: { $0.value.text == id }) { return text(of: value) }
        if let below = value[id] { return below.text ?? text(of: below) }
        return members.lazy.compactMap { reason(for: id, in: $0.value) }.first
    }

    private static func text(of object: RawJSON) -> String? {
        keys.lazy.compactMap { object[$0]?.text }.first
    }
}
