import ControlPlaneTypes
import HTTPTypes
import Testing

@testable import LocalControlPlane

struct FaultRoutesTests {
    private func add(_ fault: String, to fixture: PlaneFixture) async throws -> Answer {
        try await fixture.send(.post, "/internal/faults", json: #"{"fault": "\#(fault)"}"#)
    }

    @Test func `a fault is added, strikes, is counted, and cleared`() async throws {
        try await PlaneFixture.withIdle { fixture in
            #expect(try await add("status=429,retry-after=7,path=/v2,count=1", to: fixture).status == 201)
            let refused = try await fixture.send(.get, "/v2/deployments")
            #expect(refused.status == 429)
            #expect(refused.headers[.retryAfter] == "7")
            #expect(refused.detail == "Too Many Requests")
            #expect(try await fixture.send(.get, "/v2/deployments").status == 200)
            let listed = String(decoding: try await fixture.send(.get, "/internal/faults").bytes, as: UTF8.self)
            #expect(listed.contains(#""struck":1"#))
            #expect(try await fixture.send(.delete, "/internal/faults").status == 204)
            #expect(try await fixture.send(.get, "/internal/faults").bytes.count == 2)
        }
    }

    @Test func `a wrong fault is refused`() async throws {
        try await PlaneFixture.withIdle { fixture in
            let answer = try await add("status=2", to: fixture)
            #expect(answer.status == 400)
            #expect(answer.detail?.contains("from 400 to 599") == true)
        }
    }

    @Test func `faults cannot lock out who would clear them`() async throws {
        try await PlaneFixture.withIdle { fixture in
            _ = try await add("status=503", to: fixture)
            #expect(try await fixture.send(.delete, "/internal/faults").status == 204)
        }
    }

    @Test func `a lost answer is to a request that was done`() async throws {
        try await PlaneFixture.withIdle { fixture in
            _ = try await add("lose=answer,method=POST,path=/v2/deployments,count=1", to: fixture)
            let lost = try await fixture.send(
                .post, "/v2/deployments", json: try await fixture.githubBody(name: "demo", secrets: "[]"))
            #expect(lost.status == 502)
            #expect(try await fixture.store.deployments().map(\.name) == ["demo"])
            _ = try await add("lose=request,method=POST,path=/v2/deployments,count=1", to: fixture)
            _ = try await fixture.send(
                .post, "/v2/deployments", json: try await fixture.githubBody(name: "other", secrets: "[]"))
            #expect(try await fixture.store.deployments().count == 1)
        }
    }

    @Test(arguments: [("build", RevisionStatus.buildFailed, LogKind.build), ("deploy", .deployFailed, .deploy)])
    func `a phase fails as it was told, and its log says so`(phase: String, status: RevisionStatus, kind: LogKind)
        async throws
    {
        try await PlaneFixture.withWorking { fixture in
            _ = try await add("phase=\(phase),fail=the disk is full,count=1", to: fixture)
            let first = try #require(try await fixture.createDeployment().latestRevisionID)
            try await fixture.wait(for: first, toBe: status)
            let log = LogFile(kind: kind, revisionFolder: fixture.plane.state.folder(of: first)).lines()
            #expect(log.map(\.message).contains("the disk is full"))
            let deployment = try #require(try await fixture.store.deployments().first)
            let second = try await fixture.addRevision(to: deployment.id)
            try await fixture.wait(for: second, toBe: .deployed)
        }
    }
}
