import ControlPlaneTypes
import Foundation
import Testing

@testable import LocalControlPlane

extension PlaneFixture {
    func integrationID() async throws -> String {
        let integrations = try await send(.get, "/v1/integrations/github/install").decoded(as: [GithubIntegration].self)
        return try #require(integrations.first?.id)
    }

    func githubBody(name: String = "demo", ref: String = "main", secrets: String = "[]") async throws -> String {
        """
        {"name": "\(name)", "source": "github", "secrets": \(secrets),
         "source_config": {"integration_id": "\(try await integrationID())", "deployment_type": "dev",
                           "repo_url": "https://github.com/acme/agent"},
         "source_revision_config": {"repo_ref": "\(ref)", "langgraph_config_path": "langgraph.json"}}
        """
    }

    @discardableResult
    func createDeployment(name: String = "demo", secrets: String = "[]") async throws -> Deployment {
        let answer = try await send(.post, "/v2/deployments", json: try await githubBody(name: name, secrets: secrets))
        try #require(answer.status == 201, "\(String(decoding: answer.bytes, as: UTF8.self))")
        return try answer.decoded()
    }

    @discardableResult
    func addRevision(to deployment: DeploymentID) async throws -> RevisionID {
        let answer = try await send(
            .post, "/v2/deployments/\(deployment)/revisions",
            json: #"{"source_revision_config": {"repo_ref": "main"}}"#)
        try #require(answer.status == 201)
        return try answer.decoded(as: Revision.self).id
    }

    func deployment(_ id: DeploymentID) async throws -> Deployment {
        try await send(.get, "/v2/deployments/\(id)").decoded()
    }

    func status(of revision: RevisionID) async throws -> RevisionStatus? {
        try await store.revision(revision)?.status
    }

    /// A deployment whose first revision is live.
    func deployed(name: String = "demo") async throws -> (id: DeploymentID, revision: RevisionID) {
        let deployment = try await createDeployment(name: name)
        let revision = try #require(deployment.latestRevisionID)
        try await wait(for: revision, toBe: .deployed)
        return (deployment.id, revision)
    }
}
