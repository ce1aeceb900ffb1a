package import ControlPlaneTypes
import FoundationEssentials
package import JSON

extension ControlPlaneClient {
    /// Creates a revision and returns it. Throws `notSupported` if only `patchDeployment` can create one.
    package func createRevision(of id: DeploymentID, _ request: RevisionRequest) async throws -> Revision {
        try await change(
            APICall(.post, "/v2/deployments/{id}/revisions", [id.rawValue]).newer
                .with(body: request, secrets: request.secrets))
    }

    package func createRevision(of id: DeploymentID, document body: RawJSON) async throws -> RawJSON {
        try await changedDocument(
            APICall(.post, "/v2/deployments/{id}/revisions", [id.rawValue]).newer.with(body: body))
    }

    /// One page, newest first; `limit` is 1...100. An empty `status` means any.
    package func listRevisions(
        of id: DeploymentID, status: [RevisionStatus] = [], limit: Int = 20, offset: Int = 0
    ) async throws -> Page<Revision> {
        let filter = status.isEmpty ? [] : [("status", status.map(\.rawValue).joined(separator: ","))]
        return try await read(
            APICall(
                .get, "/v2/deployments/{id}/revisions", [id.rawValue],
                query: filter + [("limit", String(limit)), ("offset", String(offset))]))
    }

    /// All pages, newest first, each revision once.
    package func allRevisions(of id: DeploymentID, status: [RevisionStatus] = []) async throws -> [Revision] {
        var collector = PageCollector<Revision>()
        try await collector.collect {
            try await listRevisions(of: id, status: status, limit: Self.largestPage, offset: $0)
        }
        return collector.resources
    }

    package func revision(_ revision: RevisionID, of id: DeploymentID) async throws -> Revision {
        try await read(
            APICall(.get, "/v2/deployments/{id}/revisions/{revision_id}", [id.rawValue, revision.rawValue]))
    }

    package func revisionDocument(_ revision: RevisionID, of id: DeploymentID) async throws -> RawJSON {
        try await document(
            APICall(.get, "/v2/deployments/{id}/revisions/{revision_id}", [id.rawValue, revision.rawValue]))
    }

    /// Deploys an earlier revision again. The response's `latestRevisionID` may be new or still the old one.
    package func redeploy(_ revision: RevisionID, of id: DeploymentID) async throws -> Deployment {
        try await change(
            APICall(
                .post, "/v2/deployments/{id}/revisions/{revision_id}/redeploy", [id.rawValue, revision.rawValue]))
    }

    package func redeployDocument(_ revision: RevisionID, of id: DeploymentID) async throws -> RawJSON {
        try await changedDocument(
            APICall(.post, "/v2/deployments/{id}/revisions/{revision_id}/redeploy", [id.rawValue, revision.rawValue]))
    }

    /// Removes a stuck revision from the deployment's queue.
    package func interrupt(_ revision: RevisionID, of id: DeploymentID) async throws {
        _ = try await interruption(revision, of: id)
    }

    /// The same as `interrupt`; returns the response's JSON, nil if there is none.
    package func interruptDocument(_ revision: RevisionID, of id: DeploymentID) async throws -> RawJSON? {
        let answer = try await interruption(revision, of: id)
        // The API does not document this response, and the change is made: other text counts as none.
        return try? RawJSON(parsing: answer)
    }

    private func interruption(_ revision: RevisionID, of id: DeploymentID) async throws -> Data {
        let values = [id.rawValue, revision.rawValue]
        do {
            return try await exchange(
                APICall(.post, "/v2/deployments/{id}/revisions/{revision_id}/interruption", values).newer
            ).body
        } catch let error as ControlPlaneError where error.kind == .notSupported {
            return try await exchange(
                APICall(.post, "/v2/deployments/{id}/revisions/{revision_id}/interrupt", values)
            ).body
        }
    }
}

extension ResourceList {
    /// Newest first. An empty `status` means any.
    package static func revisions(
        of id: DeploymentID, status: [RevisionStatus] = [], isRemoteReconciled: Bool? = nil
    ) -> ResourceList {
        let statuses = status.isEmpty ? nil : status.map(\.rawValue).joined(separator: ",")
        let query = [("status", statuses), ("remote_reconciled", isRemoteReconciled.map(String.init))]
        return ResourceList(
            template: "/v2/deployments/{id}/revisions", values: [id.rawValue],
            query: query.compactMap { name, value in value.map { (name, $0) } })
    }
}
