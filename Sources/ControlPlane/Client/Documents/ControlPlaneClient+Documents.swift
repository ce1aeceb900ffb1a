package import ControlPlaneTypes
import FoundationEssentials
package import JSON

/// The resources as the control plane writes them, unknown fields, order and numbers included.
extension ControlPlaneClient {
    /// All pages, each resource once, or the first `limit`.
    ///
    /// Throws `notSupported` where the control plane does not page and there is more than one page.
    package func documents(_ list: ResourceList, limit: Int? = nil) async throws -> [RawJSON] {
        try await walk(list, limit: limit) { _ in false }.resources
    }

    /// The deployment of exactly this name; nil when there is none. One that is being deleted counts, after those that
    /// are not, when asked for.
    ///
    /// Throws `notSupported` where the control plane does not page and the name is not on the page that it shows.
    package func deploymentDocument(named name: String, includingDeleted: Bool = false) async throws -> RawJSON? {
        var filter = DeploymentFilter()
        filter.name = name
        filter.nameContains = name
        let isLive = { @Sendable (deployment: RawJSON) in
            !DeploymentStatus(rawValue: deployment["status"]?.text ?? "").isBeingDeleted
        }
        let found = try await walk(.deployments(filter), limit: nil) { $0.contains(where: isLive) }.resources
        return found.first(where: isLive) ?? (includingDeleted ? found.first : nil)
    }

    private func walk(
        _ list: ResourceList, limit: Int?, until isEnough: ([RawJSON]) -> Bool
    ) async throws -> DocumentWalk {
        var walk = DocumentWalk(list, limit: limit)
        while let offset = walk.offset, !isEnough(walk.resources) {
            let page = try await read(list.page(limit: walk.pageSize, offset: offset)) { try DocumentPage($0) }
            try walk.take(page, from: offset)
        }
        return walk
    }

    package func deploymentDocument(_ id: DeploymentID) async throws -> RawJSON {
        try await document(APICall(.get, "/v2/deployments/{id}", [id.rawValue]))
    }

    package func createDeployment(document body: RawJSON) async throws -> RawJSON {
        try await changedDocument(APICall(.post, "/v2/deployments").with(body: body))
    }

    package func patchDeployment(_ id: DeploymentID, document body: RawJSON) async throws -> RawJSON {
        try await changedDocument(APICall(.patch, "/v2/deployments/{id}", [id.rawValue]).with(body: body))
    }

    /// At most 100 at once. The answer says which of them went wrong in a form that is not published; nil when it is
    /// empty. Throws `notSupported` where deployments can only be deleted one by one.
    package func deleteDeployments(_ ids: [DeploymentID]) async throws -> RawJSON? {
        let call = APICall(.delete, "/v2/deployments", query: ids.map { ("deployment_ids", $0.rawValue) })
        return try await change(call) { try $0.isEmpty ? nil : RawJSON(parsing: $0) }
    }

    package func revisionDocument(_ revision: RevisionID, of id: DeploymentID) async throws -> RawJSON {
        try await document(
            APICall(.get, "/v2/deployments/{id}/revisions/{revision_id}", [id.rawValue, revision.rawValue]))
    }

    /// Throws `notSupported` where only a patch of the deployment makes a revision.
    package func createRevision(of id: DeploymentID, document body: RawJSON) async throws -> RawJSON {
        try await changedDocument(
            APICall(.post, "/v2/deployments/{id}/revisions", [id.rawValue]).newer.with(body: body))
    }

    /// The deployment, whose `latest_revision_id` may be new or still the old one.
    package func redeployDocument(_ revision: RevisionID, of id: DeploymentID) async throws -> RawJSON {
        try await changedDocument(
            APICall(.post, "/v2/deployments/{id}/revisions/{revision_id}/redeploy", [id.rawValue, revision.rawValue]))
    }

    package func integrationDocuments() async throws -> [RawJSON] {
        try await array(APICall(.get, "/v1/integrations/github/install"))
    }

    package func repositoryDocuments(integration id: String) async throws -> [RawJSON] {
        try await array(APICall(.get, "/v1/integrations/github/{integration_id}/repos", [id]))
    }

    func document(_ call: APICall) async throws -> RawJSON {
        try await read(call, decode: Self.object)
    }

    func changedDocument(_ call: APICall) async throws -> RawJSON {
        try await change(call, decode: Self.object)
    }

    private func array(_ call: APICall) async throws -> [RawJSON] {
        try await read(call) { body in
            guard let elements = try RawJSON(parsing: body).elements else {
                throw RawJSONError("no array")
            }
            return elements
        }
    }

    /// A login page or a bare string is no resource.
    private static func object(_ body: Data) throws -> RawJSON {
        let document = try RawJSON(parsing: body)
        guard document.members != nil else { throw RawJSONError("no object") }
        return document
    }
}
