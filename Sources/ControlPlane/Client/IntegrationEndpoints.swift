package import ControlPlaneTypes
package import JSON

extension ControlPlaneClient {
    /// The GitHub installations that the workspace may deploy from.
    package func githubIntegrations() async throws -> [GithubIntegration] {
        try await read(APICall(.get, "/v1/integrations/github/install"))
    }

    package func integrationDocuments() async throws -> [RawJSON] {
        try await array(APICall(.get, "/v1/integrations/github/install"))
    }

    package func githubRepositories(integration id: String) async throws -> [GithubRepository] {
        try await read(APICall(.get, "/v1/integrations/github/{integration_id}/repos", [id]))
    }

    package func repositoryDocuments(integration id: String) async throws -> [RawJSON] {
        try await array(APICall(.get, "/v1/integrations/github/{integration_id}/repos", [id]))
    }

    private func array(_ call: APICall) async throws -> [RawJSON] {
        try await read(call) { body in
            guard let elements = try RawJSON(parsing: body).elements else { throw RawJSONError("not an array") }
            return elements
        }
    }
}
