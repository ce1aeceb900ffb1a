import ControlPlaneTypes
import Foundation
import Testing

@testable import LocalControlPlane

/// Answers against the published schemas: nothing required is missing, nothing unknown is answered.
@Suite(
    .enabled(
        if: ContractSchema("Deployment") != nil, "no OpenAPI document at \(ContractSchema.file.path())"))
struct ContractTests {
    private func check(_ value: JSONValue?, _ schema: String) throws {
        let contract = try #require(ContractSchema(schema))
        guard case .object(let fields) = value else {
            Issue.record("\(schema) is no object: \(String(describing: value))")
            return
        }
        let names = Set(fields.keys)
        #expect(contract.required.subtracting(names).isEmpty, "missing in \(schema)")
        #expect(names.subtracting(contract.known).isEmpty, "unknown in \(schema)")
    }

    private func field(_ name: String, of value: JSONValue?) -> JSONValue? {
        guard case .object(let fields) = value else { return nil }
        return fields[name]
    }

    private func first(of value: JSONValue?) -> JSONValue? {
        guard case .array(let elements) = value else { return nil }
        return elements.first
    }

    private func checkDeployment(_ value: JSONValue?) throws {
        try check(value, "Deployment")
        try check(field("source_config", of: value), "SourceConfig")
        try check(field("source_revision_config", of: value), "SourceRevisionConfig")
        try check(first(of: field("secrets", of: value)), "Secret")
    }

    @Test
    func `the scanner of the document finds its schemas`() throws {
        let revision = try #require(ContractSchema("Revision"))
        let fields: Set = ["id", "created_at", "updated_at", "status", "source", "source_revision_config"]
        #expect(revision.required == fields)
        #expect(revision.known == fields)
    }

    @Test
    func `deployments and revisions`() async throws {
        try await ServerFixture.withWorking { fixture in
            let made = try await fixture.send(
                .post, "/v2/deployments",
                json: try await fixture.githubBody(secrets: #"[{"name": "A", "value": "b"}]"#))
            try checkDeployment(made.json)
            let deployment = try made.decoded(as: Deployment.self)
            let revision = try #require(deployment.latestRevisionID)
            try await fixture.wait(for: revision, toBe: .deployed)
            let path = "/v2/deployments/\(deployment.id)"
            try checkDeployment(try await fixture.send(.get, path).json)
            try checkDeployment(try await fixture.send(.patch, path, json: #"{"display_name": "x"}"#).json)
            let list = try await fixture.send(.get, "/v2/deployments").json
            try check(list, "DeploymentsList")
            try checkDeployment(first(of: field("resources", of: list)))
            let revisions = try await fixture.send(.get, "\(path)/revisions").json
            try check(revisions, "RevisionsList")
            try check(first(of: field("resources", of: revisions)), "Revision")
            try check(try await fixture.send(.get, "\(path)/revisions/\(revision)").json, "Revision")
            let added = try await fixture.send(
                .post, "\(path)/revisions", json: #"{"source_revision_config": {"repo_ref": "main"}}"#)
            try check(added.json, "Revision")
            try checkDeployment(try await fixture.send(.post, "\(path)/revisions/\(revision)/redeploy").json)
            let logs = try await fixture.send(.get, "\(path)/revisions/\(revision)/logs?type=build").json
            try check(logs, "LogsResponse")
            try check(first(of: field("logs", of: logs)), "LogEntry")
            let older = try await fixture.send(
                .post, "/v1/projects/\(deployment.id)/revisions/\(revision)/deploy_logs", json: "{}")
            try check(older.json, "LogsResponse")
            try check(try await fixture.send(.post, "\(path)/upload-url").json, "UploadUrlResponse")
        }
    }

    @Test
    func `integrations and errors`() async throws {
        try await ServerFixture.withIdle { fixture in
            let integrations = try await fixture.send(.get, "/v1/integrations/github/install").json
            try check(first(of: integrations), "GithubIntegration")
            let repositories = try await fixture.send(
                .get, "/v1/integrations/github/\(try await fixture.integrationID())/repos")
            try check(first(of: try repositories.json), "GithubRepository")
            let invalid = try await fixture.send(.post, "/v2/deployments", json: "{}").json
            try check(invalid, "HTTPValidationError")
            try check(first(of: field("detail", of: invalid)), "ValidationError")
            let unknown = try await fixture.send(.get, "/v2/deployments/22222222-2222-4222-8222-222222222222")
            try check(try unknown.json, "ErrorDetail")
        }
    }
}
