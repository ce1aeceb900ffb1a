import ControlPlane
import ControlPlaneTypes

/// Deletes deployments in as few requests as the control plane allows, and finds out what became of each.
struct BulkDeletion: Sendable {
    struct Outcome: Sendable {
        var deleted: [DeploymentID] = []
        /// With the reason, as far as it is known.
        var remaining: [(DeploymentID, String)] = []
        /// What the control plane said, of several requests as a list.
        var answers: [RawJSON] = []

        var answer: RawJSON? { answers.count > 1 ? .array(answers) : answers.first }
    }

    let client: ControlPlaneClient
    let deleteTracingProject: Bool
    let force: Bool

    /// The most that the API deletes at once.
    private static let mostAtOnce = 100

    /// Throws `ControlPlaneError` when the only request, or the first of several, is refused.
    func delete(_ ids: [DeploymentID]) async throws -> Outcome {
        // Only the deletion of one deployment takes the two options.
        if ids.count == 1 || deleteTracingProject || force { return try await deleteEach(ids) }
        var outcome = Outcome()
        for start in stride(from: 0, to: ids.count, by: Self.mostAtOnce) {
            let some = Array(ids.dropFirst(start).prefix(Self.mostAtOnce))
            do {
                let answer = try await client.deleteDeployments(some)
                outcome.answers += [answer].compactMap(\.self)
                try await addWhatBecame(of: some, DeletionResponse(answer: answer), to: &outcome)
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

    /// The answer to a deletion of some but not all has no published form, so the list of deployments decides.
    private func addWhatBecame(
        of ids: [DeploymentID], _ answer: DeletionResponse, to outcome: inout Outcome
    ) async throws {
        var filter = DeploymentFilter()
        filter.ids = ids
        let left = try await client.allDeployments(filter).filter { !$0.status.isBeingDeleted }.map(\.id)
        for id in ids {
            if left.contains(id) {
                outcome.remaining.append((id, answer.reason(for: id) ?? "it is still there"))
            } else {
                outcome.deleted.append(id)
            }
        }
    }
}

extension ControlPlaneError.Kind {
    /// Whether the next resource may fare better.
    fileprivate var isAboutOneResource: Bool {
        switch self {
        case .notFound, .conflict, .rejected: true
        default: false
        }
    }
}
