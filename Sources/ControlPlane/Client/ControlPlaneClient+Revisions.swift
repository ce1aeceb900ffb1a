package import ControlPlaneTypes
import FoundationEssentials
package import JSON

extension ControlPlaneClient {
    /// Always makes a revision and returns it. Throws `notSupported` where only `patchDeployment` can.
    package func createRevision(of id: DeploymentID, _ request: RevisionRequest) async throws -> Revision {
        try await change(
            APICall(.post, "/v2/deployments/{id}/revisions", [id.rawValue]).newer
                .with(body: request, secrets: request.secrets))
    }

    /// One page, newest first; `limit` is 1...100. No status means any.
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
        var walk = ListWalk<Revision, RevisionID> { $0.id }
        var next: Int? = 0
        while let offset = next {
            let page = try await listRevisions(
                of: id, status: status, limit: ListWalk<Revision, RevisionID>.pageSize, offset: offset)
            next = walk.take(page, from: offset)
        }
        return walk.resources
    }

    package func revision(_ revision: RevisionID, of id: DeploymentID) async throws -> Revision {
        try await read(
            APICall(.get, "/v2/deployments/{id}/revisions/{revision_id}", [id.rawValue, revision.rawValue]))
    }

    /// Deploys an older revision again. The answer's `latestRevisionID` may be new or still the old one.
    package func redeploy(_ revision: RevisionID, of id: DeploymentID) async throws -> Deployment {
        try await change(
            APICall(
                .post, "/v2/deployments/{id}/revisions/{revision_id}/redeploy", [id.rawValue, revision.rawValue]))
    }

    /// Takes a stuck revision out of the deployment's queue.
    package func interrupt(_ revision: RevisionID, of id: DeploymentID) async throws {
        _ = try await interruption(revision, of: id)
    }

    /// As `interrupt`; returns what the control plane says to it, nil when it says nothing.
    package func interruptDocument(_ revision: RevisionID, of id: DeploymentID) async throws -> RawJSON? {
        let answer = try await interruption(revision, of: id)
        // What is said to a change that was made is nobody's promise: text that is no JSON is as good as none.
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
