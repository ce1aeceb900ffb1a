import ControlPlaneTypes
import Foundation
import NIOCore
import TestSupport
import Testing

@testable import LocalControlPlane

struct UploadRoutesTests {
    private static let gzip = ByteBuffer(bytes: [0x1f, 0x8b, 8, 0])

    private func sourceDeployment(_ fixture: ServerFixture) async throws -> DeploymentID {
        let answer = try await fixture.send(
            .post, "/v2/deployments",
            json: """
                {"name": "uploaded", "source": "internal_source", "secrets": [], "source_revision_config": {},
                 "source_config": {"deployment_type": "dev_zero"}}
                """)
        try #require(answer.status == 201)
        let deployment = try answer.decoded(as: Deployment.self)
        #expect(deployment.latestRevisionID == nil)
        return deployment.id
    }

    private func target(_ fixture: ServerFixture, _ id: DeploymentID) async throws -> (path: String, object: String) {
        let answer = try await fixture.send(
            .post, "/v2/deployments/\(id)/upload-url", json: #"{"supports_upload_headers": true}"#)
        let target = try answer.decoded(as: UploadTarget.self)
        #expect(target.uploadHeaders == ["Content-Type": "application/gzip"])
        let origin = "http://127.0.0.1:1"
        try #require(target.uploadURL.hasPrefix(origin))
        return (String(target.uploadURL.dropFirst(origin.count)), target.objectPath)
    }

    @Test
    func `an uploaded archive creates a revision without a commit`() async throws {
        try await ServerFixture.withIdle { fixture in
            let id = try await sourceDeployment(fixture)
            let target = try await target(fixture, id)
            #expect(try await fixture.send(.put, target.path, bytes: Self.gzip, key: nil).status == 200)
            let body = """
                {"revision_source": "internal_source", "source_revision_config":
                 {"source_tarball_path": "\(target.object)", "langgraph_config_path": "app/langgraph.json"}}
                """
            let answer = try await fixture.send(.patch, "/v2/deployments/\(id)", json: body)
            #expect(answer.status == 200)
            let deployment = try answer.decoded(as: Deployment.self)
            #expect(deployment.latestRevisionID != nil)
            #expect(deployment.sourceRevisionConfig?.repoCommitSHA == nil)
            #expect(deployment.sourceRevisionConfig?.configPath == "app/langgraph.json")
        }
    }

    @Test
    func `a path without an upload is a 400`() async throws {
        try await ServerFixture.withIdle { fixture in
            let id = try await sourceDeployment(fixture)
            let target = try await target(fixture, id)
            for path in [target.object, "uploads/../../etc/passwd"] {
                let answer = try await fixture.send(
                    .patch, "/v2/deployments/\(id)",
                    json: #"{"source_revision_config": {"source_tarball_path": "\#(path)"}}"#)
                #expect(answer.status == 400)
            }
        }
    }

    @Test
    func `an upload requires its signed URL`() async throws {
        try await ServerFixture.withIdle { fixture in
            let id = try await sourceDeployment(fixture)
            let first = try await target(fixture, id)
            let second = try await target(fixture, id)
            let signature = try #require(first.path.split(separator: "?").last)
            let swapped = "/\(second.object)?\(signature)"
            #expect(try await fixture.send(.put, swapped, bytes: Self.gzip, key: nil).status == 403)
            #expect(try await fixture.send(.put, "/\(second.object)", bytes: Self.gzip).status == 403)
            fixture.clock.advance(by: .seconds(3601))
            #expect(try await fixture.send(.put, first.path, bytes: Self.gzip, key: nil).status == 403)
        }
    }

    @Test
    func `an upload that is not gzip is refused and removed`() async throws {
        try await ServerFixture.withIdle { fixture in
            let id = try await sourceDeployment(fixture)
            let target = try await target(fixture, id)
            let answer = try await fixture.send(.put, target.path, bytes: ByteBuffer(string: "PK.."), key: nil)
            #expect(answer.status == 400)
            #expect(try await fixture.store.upload(target.object)?.size == nil)
        }
    }
}
