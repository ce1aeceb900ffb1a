package import ControlPlaneTypes

extension ControlPlaneClient {
    /// The GitHub installations that the workspace may deploy from.
    package func githubIntegrations() async throws -> [GithubIntegration] {
        try await read(APICall(.get, "/v1/integrations/github/install"))
    }

    package func githubRepositories(integration id: String) async throws -> [GithubRepository] {
        try await read(APICall(.get, "/v1/integrations/github/{integration_id}/repos", [id]))
    }
}
