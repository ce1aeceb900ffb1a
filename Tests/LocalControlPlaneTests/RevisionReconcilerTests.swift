import ControlPlaneTypes
import Foundation
import Testing

@testable import LocalControlPlane

@Suite(.timeLimit(.minutes(2)))
struct RevisionReconcilerTests {
    @Test
    func `a first revision becomes live behind the front proxy`() async throws {
        try await ServerFixture.withWorking { fixture in
            let (id, revision) = try await fixture.deployed()
            let deployment = try await fixture.deployment(id)
            let agent = try #require(fixture.runtime.running.first)
            let front = try #require(await fixture.runtime.fronts.first)
            #expect(deployment.activeRevisionID == revision)
            #expect(deployment.url == "http://127.0.0.1:\(front.port)")
            #expect(front.history == [agent.port])
        }
    }

    @Test
    func `a second revision replaces the first, which is stopped`() async throws {
        try await ServerFixture.withWorking { fixture in
            let (id, first) = try await fixture.deployed()
            let second = try await fixture.addRevision(to: id)
            try await fixture.wait(for: second, toBe: .deployed)
            try await fixture.waitForAgents { $0.map(\.revisionID) == [second] }
            #expect(try await fixture.deployment(id).activeRevisionID == second)
            #expect(try await fixture.status(of: first) == .deployed, "old revisions keep DEPLOYED")
        }
    }

    @Test
    func `a failed build logs why and does not affect the live agent`() async throws {
        try await ServerFixture.withWorking { fixture in
            let (id, first) = try await fixture.deployed()
            await fixture.runtime.failBuilds(with: "install command failed with exit status 1")
            let second = try await fixture.addRevision(to: id)
            try await fixture.wait(for: second, toBe: .buildFailed)
            #expect(fixture.runtime.running.map(\.revisionID) == [first])
            #expect(try await fixture.deployment(id).activeRevisionID == first)
            let log = try await fixture.send(
                .get, "/v2/deployments/\(id)/revisions/\(second)/logs?type=build&level=ERROR")
            let messages = try log.decoded(as: LogsPage.self).logs.map(\.message)
            #expect(messages == ["install command failed with exit status 1"])
        }
    }

    @Test
    func `a failed start does not affect the live agent`() async throws {
        try await ServerFixture.withWorking { fixture in
            let (id, first) = try await fixture.deployed()
            await fixture.runtime.failStarts(with: "the agent ended before it was ready")
            let second = try await fixture.addRevision(to: id)
            try await fixture.wait(for: second, toBe: .deployFailed)
            #expect(fixture.runtime.running.map(\.revisionID) == [first])
            #expect(await fixture.runtime.fronts.first?.history.count == 1)
        }
    }

    @Test
    func `of three revisions created during a build, the middle one is skipped`() async throws {
        try await ServerFixture.withWorking { fixture in
            _ = await fixture.runtime.holdBuilds()
            let deployment = try await fixture.createDeployment()
            let first = try #require(deployment.latestRevisionID)
            try await fixture.wait(for: first, toBe: .building)
            let second = try await fixture.addRevision(to: deployment.id)
            let third = try await fixture.addRevision(to: deployment.id)
            try await fixture.wait(for: second, toBe: .skipped)
            #expect(try await fixture.status(of: third) == .queued)
            await fixture.runtime.letGo()
            try await fixture.wait(for: third, toBe: .deployed)
            #expect(try await fixture.status(of: first) == .deployed)
        }
    }

    @Test
    func `an interrupted build is stopped and the next revision starts`() async throws {
        try await ServerFixture.withWorking { fixture in
            _ = await fixture.runtime.holdBuilds()
            let deployment = try await fixture.createDeployment()
            let first = try #require(deployment.latestRevisionID)
            try await fixture.wait(for: first, toBe: .building)
            let second = try await fixture.addRevision(to: deployment.id)
            let path = "/v2/deployments/\(deployment.id)/revisions/\(first)/interruption"
            #expect(try await fixture.send(.post, path).status == 200)
            #expect(try await fixture.status(of: first) == .interrupted)
            await fixture.runtime.letGo()
            try await fixture.wait(for: second, toBe: .deployed)
            #expect(try await fixture.status(of: first) == .interrupted)
            #expect(try await fixture.send(.post, path).status == 400)
        }
    }

    @Test
    func `an interruption during the start leaves no agent behind`() async throws {
        try await ServerFixture.withWorking { fixture in
            _ = await fixture.runtime.holdStarts()
            let deployment = try await fixture.createDeployment()
            let revision = try #require(deployment.latestRevisionID)
            try await fixture.wait(for: revision, toBe: .deploying)
            let path = "/v2/deployments/\(deployment.id)/revisions/\(revision)/interrupt"
            #expect(try await fixture.send(.post, path).status == 200)
            await fixture.runtime.letGo()
            let next = try await fixture.addRevision(to: deployment.id)
            try await fixture.wait(for: next, toBe: .deployed)
            #expect(fixture.runtime.running.map(\.revisionID) == [next])
        }
    }

    @Test
    func `a redeploy is a new revision of the old build`() async throws {
        try await ServerFixture.withWorking { fixture in
            let (id, first) = try await fixture.deployed()
            fixture.repositories.set("main", to: FakeRepositories.second)
            let second = try await fixture.addRevision(to: id)
            try await fixture.wait(for: second, toBe: .deployed)
            let answer = try await fixture.send(.post, "/v2/deployments/\(id)/revisions/\(first)/redeploy")
            #expect(answer.status == 200)
            let third = try #require(try answer.decoded(as: Deployment.self).latestRevisionID)
            try await fixture.wait(for: third, toBe: .deployed)
            #expect(third != first)
            #expect(try await fixture.store.revision(third)?.config.repoCommitSHA == FakeRepositories.first)
            #expect(await fixture.runtime.built == [first, second])
        }
    }

    @Test
    func `a deleted deployment is stopped and keeps its name until it is force-deleted`() async throws {
        try await ServerFixture.withWorking { fixture in
            let (id, _) = try await fixture.deployed()
            #expect(try await fixture.send(.delete, "/v2/deployments/\(id)?force=true").status == 400)
            #expect(try await fixture.send(.delete, "/v2/deployments/\(id)").status == 204)
            try await fixture.waitForAgents { $0.isEmpty }
            let again = try await fixture.send(.post, "/v2/deployments", json: try await fixture.githubBody())
            #expect(again.status == 409)
            #expect(again.detail == "A deployment named 'demo' already exists.")
            #expect(try await fixture.send(.delete, "/v2/deployments/\(id)?force=true").status == 204)
            #expect(try await fixture.send(.get, "/v2/deployments/\(id)").status == 404)
            _ = try await fixture.deployed()
        }
    }
}
