import ControlPlaneTypes
import Testing

@testable import LocalControlPlane

struct PushWatcherTests {
    @Test(arguments: [
        (nil, "a", PushDecision.remember), ("a", "a", .nothing), ("a", "b", .deploy),
    ])
    func `only another commit is a push`(seen: String?, head: String, decision: PushDecision) {
        #expect(PushDecision.decide(seen: seen, head: head) == decision)
    }

    private func create(_ fixture: ServerFixture, buildOnPush: Bool) async throws -> DeploymentID {
        let deployment = try await fixture.createDeployment()
        let answer = try await fixture.send(
            .patch, "/v2/deployments/\(deployment.id)",
            json: #"{"source_config": {"build_on_push": \#(buildOnPush)}}"#)
        #expect(answer.status == 200)
        return deployment.id
    }

    private func commits(_ fixture: ServerFixture, _ id: DeploymentID) async throws -> [String?] {
        try await fixture.store.revisions(of: id, slice: PageSlice(limit: 10, offset: 0))
            .map(\.config.repoCommitSHA)
    }

    @Test func `a push creates one revision of its commit`() async throws {
        try await ServerFixture.withIdle { fixture in
            let id = try await create(fixture, buildOnPush: true)
            await fixture.components.pushWatcher.checkAll()
            #expect(try await commits(fixture, id).count == 1)
            fixture.repositories.set("main", to: FakeRepositories.second)
            await fixture.components.pushWatcher.checkAll()
            await fixture.components.pushWatcher.checkAll()
            #expect(try await commits(fixture, id) == [FakeRepositories.second, FakeRepositories.first])
        }
    }

    @Test func `without build_on_push a push creates no revision`() async throws {
        try await ServerFixture.withIdle { fixture in
            let id = try await create(fixture, buildOnPush: false)
            fixture.repositories.set("main", to: FakeRepositories.second)
            await fixture.components.pushWatcher.checkAll()
            #expect(try await commits(fixture, id).count == 1)
        }
    }

    @Test func `a commit deployed by hand and a rollback are not pushes`() async throws {
        try await ServerFixture.withIdle { fixture in
            let id = try await create(fixture, buildOnPush: true)
            let first = try #require(try await fixture.deployment(id).latestRevisionID)
            fixture.repositories.set("main", to: FakeRepositories.second)
            try await fixture.addRevision(to: id)
            await fixture.components.pushWatcher.checkAll()
            #expect(try await commits(fixture, id).count == 2)
            _ = try await fixture.send(.post, "/v2/deployments/\(id)/revisions/\(first)/redeploy")
            await fixture.components.pushWatcher.checkAll()
            #expect(try await commits(fixture, id).count == 3)
        }
    }
}
