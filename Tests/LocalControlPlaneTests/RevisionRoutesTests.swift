import ControlPlaneTypes
import Foundation
import TestSupport
import Testing

@testable import LocalControlPlane

struct RevisionRoutesTests {
    @Test
    func `revisions are listed newest first and filtered by status`() async throws {
        try await ServerFixture.withIdle { fixture in
            let deployment = try await fixture.createDeployment()
            let first = try #require(deployment.latestRevisionID)
            let second = try await fixture.addRevision(to: deployment.id)
            _ = try await fixture.store.apply(.superseded, to: first, at: fixture.clock.date)
            let path = "/v2/deployments/\(deployment.id)/revisions"
            func ids(_ query: String) async throws -> [RevisionID] {
                try await fixture.send(.get, path + query).decoded(as: Page<Revision>.self).resources.map(\.id)
            }
            #expect(try await ids("") == [second, first])
            #expect(try await ids("?status=SKIPPED") == [first])
            #expect(try await ids("?status=SKIPPED,QUEUED&limit=1") == [second])
            #expect(try await ids("?status=DEPLOYED") == [])
            #expect(try await ids("?limit=1&offset=1") == [first])
        }
    }

    @Test
    func `a new revision takes the branch's current commit`() async throws {
        try await ServerFixture.withIdle { fixture in
            let id = try await fixture.createDeployment().id
            fixture.repositories.set("main", to: FakeRepositories.second)
            let revision = try await fixture.addRevision(to: id)
            let answer = try await fixture.send(.get, "/v2/deployments/\(id)/revisions/\(revision)")
            #expect(try answer.decoded(as: Revision.self).commitSHA == FakeRepositories.second)
            #expect(try await fixture.deployment(id).latestRevisionID == revision)
        }
    }

    @Test
    func `a revision belongs to its deployment`() async throws {
        try await ServerFixture.withIdle { fixture in
            let one = try await fixture.createDeployment(name: "one")
            let two = try await fixture.createDeployment(name: "two")
            let revision = try #require(one.latestRevisionID)
            let answer = try await fixture.send(.get, "/v2/deployments/\(two.id)/revisions/\(revision)")
            #expect(answer.status == 404)
            #expect(answer.detail == "Revision ID \(revision) not found.")
            let malformed = try await fixture.send(.get, "/v2/deployments/\(one.id)/revisions/latest")
            #expect(malformed.problems == ["path.revision_id: uuid_parsing"])
        }
    }
}
