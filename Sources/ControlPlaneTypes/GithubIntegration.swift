/// A GitHub App installation that the workspace may deploy from.
package struct GithubIntegration: Codable, Sendable {
    package var id: String
    package var installationID: Int?
    package var name: String?

    package init(id: String, installationID: Int?, name: String?) {
        self.id = id
        self.installationID = installationID
        self.name = name
    }

    private enum CodingKeys: String, CodingKey {
        case id, name
        case installationID = "installation_id"
    }
}

/// A repository that an integration can read.
package struct GithubRepository: Codable, Sendable {
    package var hostIntegrationID: String
    package var id: Int
    package var name: String
    package var owner: String
    package var url: String
    package var defaultBranch: String

    package init(hostIntegrationID: String, id: Int, name: String, owner: String, url: String, defaultBranch: String) {
        self.hostIntegrationID = hostIntegrationID
        self.id = id
        self.name = name
        self.owner = owner
        self.url = url
        self.defaultBranch = defaultBranch
    }

    private enum CodingKeys: String, CodingKey {
        case id, name, owner, url
        case hostIntegrationID = "host_integration_id"
        case defaultBranch = "default_branch"
    }
}
